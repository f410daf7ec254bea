import { Failure } from '../failure.ts';

export function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

type Check = (value: unknown, path: string) => void;

/** That a value has a type. */
export const is =
  (type: 'string' | 'boolean' | 'number'): Check =>
  (value, path) => {
    if (typeof value !== type || Number.isNaN(value)) fail(path, type);
  };

/** That a value is null or passes. */
export const orNull =
  (check: Check): Check =>
  (value, path) => {
    if (value !== null) check(value, path);
  };

/** That a value is an array whose items pass. */
export const listOf =
  (check: Check): Check =>
  (value, path) => {
    if (!Array.isArray(value)) return fail(path, 'list');
    for (const [i, item] of value.entries()) check(item, `${path}[${i}]`);
  };

/** That a value is an object whose named members pass; it may have others. */
export const shape =
  (members: Readonly<Record<string, Check>>): Check =>
  (value, path) => {
    if (!isRecord(value)) return fail(path, 'object');
    for (const [name, check] of Object.entries(members)) check(value[name], path ? `${path}.${name}` : name);
  };

/** That a value is an object whose members, whatever their names, pass. */
export const mapOf =
  (check: Check): Check =>
  (value, path) => {
    if (!isRecord(value)) return fail(path, 'object');
    for (const [name, member] of Object.entries(value)) check(member, `${path}.${name}`);
  };

function fail(path: string, wanted: string): never {
  throw new Failure(
    `The service's answer is no audit result: ${path || 'it'} is no ${wanted}. That is no verdict: its version and that of this command may not fit.`,
  );
}
