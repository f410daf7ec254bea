import { plain, shorten } from '../output/plainText.ts';
import { type Estimate, estimateText, readEstimate } from '../result/estimate.ts';
import type { Reply } from './exchange.ts';

/** What the service said went wrong (RFC 9457), as far as it did. */
export interface Problem {
  title: string | undefined;
  detail: string | undefined;
  code: string | undefined;
  /** Whether the same request can succeed later; undefined where the answer is none of the service's own. */
  retryable: boolean | undefined;
  correlationId: string | undefined;
  errors: readonly string[];
  /** What an audit beyond its own maximum would need. */
  estimate: Estimate | undefined;
}

const none: Problem = {
  title: undefined,
  detail: undefined,
  code: undefined,
  retryable: undefined,
  correlationId: undefined,
  errors: [],
  estimate: undefined,
};

/** Reads a problem document, parsed or as text; what is none has nothing to say. */
export function readProblem(given: unknown): Problem {
  const value = typeof given === 'string' ? parse(given) : given;
  if (typeof value !== 'object' || value === null) return none;
  const members = value as Record<string, unknown>;
  const text = (name: string) => (typeof members[name] === 'string' ? plain(members[name]) : undefined);
  return {
    title: text('title'),
    detail: text('detail'),
    code: text('code'),
    retryable: typeof members.retryable === 'boolean' ? members.retryable : undefined,
    correlationId: text('correlationId'),
    errors: Array.isArray(members.errors)
      ? members.errors.filter((one) => typeof one === 'string').map(plain)
      : [],
    estimate: estimateOf(members.estimate),
  };
}

function estimateOf(given: unknown): Estimate | undefined {
  try {
    return readEstimate(given);
  } catch {
    return undefined;
  }
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** A problem in sentences; undefined where it says nothing. */
export function problemText(problem: Problem): string | undefined {
  const { title, detail, code, correlationId, errors, estimate } = problem;
  if (!title && !detail) return undefined;
  const said = [title, detail].filter(Boolean).join(': ');
  const marks = [code, correlationId ? `correlation id ${correlationId}` : undefined].filter(Boolean);
  const list = errors.slice(0, 10).map((one) => `\n  - ${one}`);
  if (estimate) list.push(`\n  Estimate: ${estimateText(estimate)}`);
  return `${said}${marks.length > 0 ? ` (${marks.join(', ')})` : ''}${list.join('')}`;
}

const hints: Readonly<Record<number, string>> = {
  401: 'The key was refused. Set GATEHOUSE_KEY to a function key of this Gatehouse.',
  403: 'The service does not let this key or this network in.',
  404: 'There is no Gatehouse at this address. Check GATEHOUSE_URL.',
  413: 'The tree is too large for the service. Audit a part of it.',
  502: 'What stands before the service got no answer from it.',
  504: 'What stands before the service waited too long for it.',
};

/** Why a request was refused, in sentences. */
export function refusalText({ status, headers, text }: Reply, host: string): string {
  const said = problemText(readProblem(text));
  if (said) return said;
  const type = plain(headers.get('content-type') ?? 'no content type');
  const excerpt = text.trim() === '' ? 'nothing more' : `"${shorten(plain(text), 120)}"`;
  return `${hints[status] ?? 'The service answered with an error.'} (HTTP ${status} from ${host}, ${type}, ${excerpt})`;
}
