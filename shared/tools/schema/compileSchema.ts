import { setImmediate } from 'node:timers/promises';
import type { Ajv as AjvClass, ErrorObject } from 'ajv';
import { faultAt, type JsonSchema, type ReadInput } from '../tool.ts';
import { formats, schemaFaults } from './schemaRules.ts';

/** Holds arguments to a schema; compiled once for each version of a tool. */
export type SchemaCheck = (args: Record<string, unknown>) => ReadInput;

/** Text longer than this is no date and no address, and is not looked at. */
const longestFormatted = 1_000;

/** A schema that cannot be used, with every fault as `path: what to do`. */
export class SchemaError extends Error {
  override readonly name = 'SchemaError';
  readonly faults: readonly string[];

  constructor(faults: readonly string[]) {
    super(faults.join('; '));
    this.faults = faults;
  }
}

/** What compiles schemas. */
interface Compiler {
  /** Holds schemas to what JSON Schema itself says. Made once: it takes longer than all else. */
  meta: AjvClass;
  /** Compiles one schema: a compiler keeps what it has compiled for as long as it lives. */
  one(): AjvClass;
}

/** The validator is large, and loads with the first published tool. */
let loading: Promise<Compiler> | undefined;

async function load(): Promise<Compiler> {
  // Bundled, a CommonJS module that is imported late has its default export alone.
  const [{ default: ajv2020 }, { default: ajvFormats }] = await Promise.all([
    import('ajv/dist/2020.js'),
    import('ajv-formats'),
  ]);
  const { Ajv2020 } = ajv2020;
  return {
    meta: new Ajv2020({ strict: true }),
    one() {
      const ajv = new Ajv2020({
        strict: true,
        allErrors: true,
        useDefaults: true,
        meta: false,
        validateSchema: false,
        // Takes longer than it saves over all the calls of a version.
        code: { optimize: false },
      });
      ajvFormats.default(ajv, { mode: 'fast', formats: formats as never });
      return ajv;
    },
  };
}

/**
 * Compiles the schema of a published tool. Unknown members of arguments are kept or refused as the schema says;
 * defaults are filled in.
 * @throws SchemaError for a schema that is not taken.
 */
export async function compileSchema(schema: JsonSchema): Promise<SchemaCheck> {
  const faults = schemaFaults(schema);
  if (faults.length > 0) throw new SchemaError(faults);
  loading ??= load();
  const { meta, one } = await loading;
  // Many may be compiled one after the other: calls are answered in between.
  await setImmediate();
  if (!meta.validateSchema(schema)) throw new SchemaError([`schema: ${meta.errorsText(meta.errors)}`]);
  const check = compiled(() => one().compile(schema));
  return (args) => {
    const input = structuredClone(args);
    if (hasLongFormatted(schema, input)) return { ok: false, faults: ['arguments: a text is too long'] };
    if (check(input)) return { ok: true, input };
    return { ok: false, faults: (check.errors ?? []).map(toFault) };
  };
}

function compiled<T>(work: () => T): T {
  try {
    return work();
  } catch (error) {
    throw new SchemaError([`schema: ${error instanceof Error ? error.message : 'cannot be compiled'}`]);
  }
}

/** Names what is wrong without repeating what was given. */
function toFault({ instancePath, keyword, params, message = 'is not valid' }: ErrorObject): string {
  const path = instancePath.slice(1).replaceAll('/', '.');
  if (keyword === 'required') return faultAt(joined(path, String(params.missingProperty)), 'is missing');
  if (keyword === 'additionalProperties')
    return faultAt(joined(path, String(params.additionalProperty).slice(0, 64)), 'is not known');
  if (keyword === 'enum')
    return faultAt(path, `must be one of ${(params.allowedValues as unknown[]).join(', ')}`);
  return faultAt(path, message);
}

const joined = (path: string, name: string) => (path ? `${path}.${name}` : name);

function hasLongFormatted(schema: unknown, value: unknown): boolean {
  const { format, properties, items } = schema as Record<string, unknown>;
  if (typeof value === 'string') return format !== undefined && value.length > longestFormatted;
  if (Array.isArray(value)) return value.some((item) => hasLongFormatted(items ?? {}, item));
  if (typeof value !== 'object' || value === null) return false;
  const inner = (properties ?? {}) as Record<string, unknown>;
  return Object.entries(value).some(([name, member]) =>
    Object.hasOwn(inner, name) ? hasLongFormatted(inner[name], member) : false,
  );
}
