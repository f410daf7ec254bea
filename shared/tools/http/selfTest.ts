import { isDeepStrictEqual } from 'node:util';
import type { OutboundRequest, SafeFetch } from '../../net/safeFetch.ts';
import { type ReadInput, type Tool, type ToolContext, ToolError } from '../tool.ts';
import { hostsOf } from './definition.ts';
import type { HttpToolDefinition, SelfTestCase } from './definitionShape.ts';
import { createHttpTool } from './httpTool.ts';
import { secretsOf } from './secrets.ts';

/** Nobody reads what a rehearsal logs. */
const silent: ToolContext['log'] = { debug() {}, info() {}, warn() {}, error() {} };

/** The secret `NAME` has the value `secret-NAME` in a self-test. */
const testSecret = (name: string) => `secret-${name}`;

/**
 * Plays the self-test of a definition against the answers it brings along, without a network. Gives what differs from
 * what it expects, in words; nothing where all is well.
 */
export async function selfTest(
  definition: HttpToolDefinition,
  readInput: Tool['readInput'],
): Promise<string[]> {
  const differences = await Promise.all(
    definition.selfTest.map(async (one) =>
      (await play(one, definition, readInput)).map((difference) => `${one.name}: ${difference}`),
    ),
  );
  return differences.flat();
}

async function play(
  { input, context, answer, request, say }: SelfTestCase,
  definition: HttpToolDefinition,
  readInput: (args: Record<string, unknown>) => ReadInput,
): Promise<string[]> {
  const read = readInput(input);
  if (!read.ok) return [`the input is not valid: ${read.faults.join('; ')}`];
  const sent: OutboundRequest[] = [];
  const fetch: SafeFetch = async (outbound) => {
    sent.push(outbound);
    const text = answer.body === undefined ? '' : JSON.stringify(answer.body);
    return {
      kind: 'answered',
      status: answer.status,
      headers: new Headers(),
      body: { text, truncated: false },
    };
  };
  const entry = { version: 'self-test', hosts: hostsOf(definition), secrets: secretsOf(definition) };
  const tool = createHttpTool(definition, entry, { fetch, secret: testSecret }, readInput);
  const told = await toldOf(() => tool.run(read.input, contextOf(context), 5_000));
  return [
    ...(told === say ? [] : [`says ${JSON.stringify(told)} instead of ${JSON.stringify(say)}`]),
    ...(request ? requestDifferences(request, sent[0]) : []),
  ];
}

/** What the model would hear. */
async function toldOf(run: () => Promise<unknown>): Promise<unknown> {
  try {
    return await run();
  } catch (error) {
    if (error instanceof ToolError) return error.message;
    throw error;
  }
}

function* requestDifferences(
  { url, headers = {}, body }: NonNullable<SelfTestCase['request']>,
  sent: OutboundRequest | undefined,
): Generator<string> {
  if (!sent) {
    yield 'sends nothing';
    return;
  }
  if (url !== undefined && sent.url !== url) yield `goes to ${sent.url} instead of ${url}`;
  for (const [name, value] of Object.entries(headers))
    if (sent.headers?.[name.toLowerCase()] !== value)
      yield `sends ${name}: ${sent.headers?.[name.toLowerCase()] ?? '(none)'} instead of ${value}`;
  const given: unknown = sent.body === undefined ? undefined : JSON.parse(String(sent.body));
  if (body !== undefined && !isDeepStrictEqual(given, body))
    yield `sends ${JSON.stringify(given)} instead of ${JSON.stringify(body)}`;
}

function contextOf({ now = '2026-01-01T00:00:00Z', ...given }: SelfTestCase['context']): ToolContext {
  return {
    tenantId: given.tenantId ?? 'self-test',
    caller: given.caller,
    conversationId: given.conversationId,
    idempotencyKey: given.idempotencyKey ?? 'self-test',
    askedAt: new Date(now),
    now: new Date(now),
    log: silent,
  };
}
