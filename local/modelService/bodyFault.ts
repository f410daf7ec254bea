import type { z } from 'zod';
import { type Fault, invalid } from './fault.ts';
import type { Api } from './route.ts';

type Issue = z.core.$ZodIssue;

/** The first thing wrong with a body, as the service puts it. */
export function bodyFault(api: Api, issues: readonly Issue[]): Fault {
  const issue = innermost(issues);
  const param = pathOf(issue.path);
  switch (issue.code) {
    case 'unrecognized_keys':
      return unknownParameter(api, param, issue.keys[0] ?? '');
    case 'invalid_value': {
      if (issue.input === undefined && !isCustom(issue)) return missing(param);
      const supported = issue.values.map((value) => `'${String(value)}'`).join(', ');
      const message = isCustom(issue)
        ? issue.message
        : `Invalid value: '${shown(issue.input)}'. Supported values are: ${supported}.`;
      return invalid(message, param, 'invalid_value');
    }
    case 'invalid_union':
      return invalid(`Invalid value: '${shown(issue.input)}'.`, param, 'invalid_value');
    case 'invalid_type':
      if (issue.expected === 'undefined') return invalid(issue.message, param, 'unsupported_parameter');
      if (issue.input === undefined) return missing(param);
      return invalid(
        `Invalid type for '${param}': expected ${issue.expected}, but got ${typeName(issue.input)} instead.`,
        param,
        'invalid_type',
      );
    case 'too_small':
      return invalid(
        `Invalid '${param}': empty array. Expected an array with minimum length 1, but got an empty array instead.`,
        param,
        'empty_array',
      );
    default:
      return invalid(`Invalid '${param}'.`, param, 'invalid_value');
  }
}

/** Of a choice between texts and lists the branch that failed inside says more than the one that did not fit at all. */
function innermost(issues: readonly Issue[]): Issue {
  const [issue] = issues;
  if (!issue) throw new Error('a body without a fault was to be refused');
  if (issue.code !== 'invalid_union') return issue;
  const inner = issue.errors.find((branch) => branch.some(({ path }) => path.length > 0));
  if (!inner) return issue;
  const deeper = innermost(inner);
  return { ...deeper, path: [...issue.path, ...deeper.path] };
}

function unknownParameter(api: Api, parent: string, key: string): Fault {
  const param = parent === '' ? key : `${parent}.${key}`;
  return parent === '' && api === 'chat'
    ? invalid(`Unrecognized request argument supplied: ${key}`, param, 'unrecognized_request_argument')
    : invalid(`Unknown parameter: '${param}'.`, param, 'unknown_parameter');
}

const missing = (param: string) =>
  invalid(`Missing required parameter: '${param}'.`, param, 'missing_required_parameter');

function pathOf(path: readonly PropertyKey[]): string {
  return path.reduce<string>((text, key) => {
    if (typeof key === 'number') return `${text}[${key}]`;
    return text === '' ? String(key) : `${text}.${String(key)}`;
  }, '');
}

/** Words of ours; the library's own begin with "Invalid". */
const isCustom = ({ message }: Issue) => message.startsWith('The model service stand-in');

const shown = (value: unknown) =>
  typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean'
    ? String(value).slice(0, 100)
    : typeName(value);

function typeName(value: unknown): string {
  if (value === null) return 'null';
  return Array.isArray(value) ? 'an array' : `a ${typeof value}`;
}
