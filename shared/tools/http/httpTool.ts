import type { OutboundAnswer, SafeFetch } from '../../net/safeFetch.ts';
import { isTimeZone } from '../../timeZones.ts';
import { tryJson } from '../../tryJson.ts';
import { type Tool, type ToolContext, ToolError } from '../tool.ts';
import { hostsOf } from './definition.ts';
import type { HttpToolDefinition } from './definitionShape.ts';
import { oneLine } from './oneLine.ts';
import { compileRequest } from './request.ts';
import { secretsOf, withoutSecrets } from './secrets.ts';
import { compileAnswer } from './spokenAnswer.ts';
import { type Part, partsOf } from './template.ts';
import { fillText, type Lookup, lookupIn } from './values.ts';

/** What a publisher grants a tool, beside what it is. */
export interface HttpToolEntry {
  version: string;
  /** Hosts it may talk to, with their port where it is not 443. */
  hosts: readonly string[];
  /** Names of the secrets it may use. */
  secrets: readonly string[];
  /** Tenants that may have it; undefined: all of them. */
  tenants?: ReadonlySet<string>;
}

export interface HttpToolPorts {
  fetch: SafeFetch;
  /** The value of a secret; undefined where it is not set. */
  secret(name: string): string | undefined;
}

/** Of the whole request, unless its definition says otherwise. */
export const defaultTimeoutMs = 8_000;
const mostBytes = 262_144;
/** Left of the deadline for saying in the definition's own words that no answer came. */
const marginMs = 50;

/**
 * A tool from its definition. Its result is one line of text.
 * @throws Error where the definition asks for a host or a secret that its entry does not grant.
 */
export function createHttpTool(
  definition: HttpToolDefinition,
  entry: HttpToolEntry,
  ports: HttpToolPorts,
  readInput: Tool['readInput'],
): Tool {
  const { name, description, inputSchema, sideEffect, timeoutMs = defaultTimeoutMs, response } = definition;
  mustGrant('host', hostsOf(definition), entry.hosts);
  const secretNames = secretsOf(definition);
  mustGrant('secret', secretNames, entry.secrets);
  const fillRequest = compileRequest(definition.request);
  const tellAnswer = compileAnswer(response);
  const zoneParts = response.timeZone === undefined ? undefined : partsOf(response.timeZone);
  return {
    name,
    description,
    inputSchema,
    sideEffect,
    timeoutMs,
    kind: 'http',
    version: entry.version,
    ...(entry.tenants && { tenants: entry.tenants }),
    readInput,
    async run(input, context, deadlineMs) {
      const lookup = lookupIn(input, context);
      const timeZone = zoneOf(zoneParts, lookup);
      const secrets = readSecrets(name, secretNames, ports, context);
      const request = fillRequest(lookup, (secret) => secrets.get(secret) ?? '');
      const withinMs = Math.max(1, Math.min(timeoutMs, deadlineMs) - marginMs);
      const answer = await ports.fetch({ ...request, deadlineMs: withinMs, maxBytes: mostBytes });
      if (answer.kind !== 'answered') throw noAnswer(definition, answer, context);
      const { status, body } = answer;
      const json = body.truncated ? undefined : tryJson(body.text);
      const told = tellAnswer({ status, body: json }, lookup, timeZone);
      if (told.kind === 'said') return oneLine(withoutSecrets(told.text, [...secrets.values()]));
      context.log.warn(`tool-answer-${told.kind}`, { tool: name, status });
      throw new ToolError(told.kind === 'failed' ? told.words : response.errors.default);
    },
  };
}

function mustGrant(what: string, used: readonly string[], granted: readonly string[]): void {
  const missing = used.filter((one) => !granted.includes(one));
  if (missing.length > 0) throw new Error(`the tool may not use the ${what} ${missing.join(', ')}`);
}

function readSecrets(
  tool: string,
  names: readonly string[],
  ports: HttpToolPorts,
  { log }: ToolContext,
): Map<string, string> {
  const secrets = new Map<string, string>();
  for (const name of names) {
    const value = ports.secret(name);
    if (!value) {
      log.error('tool-secret-missing', { tool, missing: name });
      throw new Error('a secret of the tool is not set');
    }
    secrets.set(name, value);
  }
  return secrets;
}

/** @throws ToolError where the model's time zone is none. */
function zoneOf(parts: readonly Part[] | undefined, lookup: Lookup): string {
  const zone = parts ? fillText(parts, lookup) : 'UTC';
  if (zone !== undefined && isTimeZone(zone)) return zone;
  throw new ToolError(
    'The time zone is not known. Call the tool again with an IANA name such as Europe/Zurich.',
  );
}

/** What is thrown where the service said nothing. */
function noAnswer(
  { name, response }: HttpToolDefinition,
  answer: Exclude<OutboundAnswer, { kind: 'answered' }>,
  { log }: ToolContext,
): Error {
  if (answer.kind === 'refused') return new Error(`the request was refused: ${answer.reason}`);
  const words = response.errors.noAnswer;
  if (words === undefined) return new Error(`no answer: ${answer.code ?? answer.cause}`);
  log.warn('tool-no-answer', { tool: name, cause: answer.cause, problem: answer.code });
  return new ToolError(words);
}
