import { createServer, type IncomingHttpHeaders } from 'node:http';
import type { AddressInfo } from 'node:net';
import { json } from 'node:stream/consumers';
import { o200k_base } from 'gpt-tokenizer/modelsMap';

export interface ChatRequest {
  model: string;
  messages: { role: string; content: string }[];
  response_format?: { type: string; json_schema?: { strict: boolean; schema: Record<string, unknown> } };
  [parameter: string]: unknown;
}

export interface Reply {
  status?: number;
  headers?: Record<string, string>;
  /** Text of the message, or an error's message where status is not 200. */
  content?: string | null;
  refusal?: string;
  finishReason?: string;
  cachedTokens?: number;
  delayMs?: number;
  usage?: null;
}

/** Members the Chat Completions API knows, as far as an audit could send them. */
const known = new Set([
  'model',
  'messages',
  'response_format',
  'prompt_cache_key',
  'max_completion_tokens',
  'reasoning_effort',
  'stream',
]);

/**
 * A model service over real HTTP that checks requests as the genuine one does (unknown parameters, `temperature` on
 * reasoning models, strict schemas) and answers what the test scripts, one reply a request.
 */
export async function startFakeOpenAi(script: (request: ChatRequest, attempt: number) => Reply) {
  const requests: { path: string; headers: IncomingHttpHeaders; body: ChatRequest }[] = [];
  const server = createServer(async (incoming, outgoing) => {
    const body = (await json(incoming)) as ChatRequest;
    requests.push({ path: incoming.url ?? '', headers: incoming.headers, body });
    const fault = faultOf(body);
    const reply: Reply = fault ? { status: 400, content: fault } : script(body, requests.length);
    await new Promise((resolve) => setTimeout(resolve, reply.delayMs ?? 0));
    const status = reply.status ?? 200;
    outgoing.writeHead(status, { 'content-type': 'application/json', ...reply.headers });
    outgoing.end(
      JSON.stringify(
        status === 200
          ? completion(body, reply)
          : {
              error: {
                message: reply.content,
                type: 'invalid_request_error',
                param: /response_format/.test(reply.content ?? '') ? 'response_format' : null,
                code: null,
              },
            },
      ),
    );
  });
  server.listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  return {
    baseUrl: `http://127.0.0.1:${(server.address() as AddressInfo).port}/openai/v1`,
    requests,
    async stop() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

function faultOf(body: ChatRequest): string | undefined {
  const unknown = Object.keys(body).find((name) => !known.has(name));
  if (unknown) return `Unrecognized request argument supplied: ${unknown}`;
  const format = body.response_format;
  if (format?.type === 'json_schema' && format.json_schema?.strict)
    return schemaFault(format.json_schema.schema);
  return undefined;
}

/** Rules of strict schemas: every object closed and all its members required; no bounds on texts, numbers or lists. */
function schemaFault(schema: Record<string, unknown>): string | undefined {
  const forbidden = ['minLength', 'maxLength', 'pattern', 'minimum', 'maximum', 'minItems', 'maxItems'].find(
    (k) => k in schema,
  );
  if (forbidden) return `Invalid schema for response_format: ${forbidden} is not permitted`;
  if (schema.type === 'object') {
    const properties = Object.keys((schema.properties as object | undefined) ?? {});
    const required = (schema.required as string[] | undefined) ?? [];
    if (schema.additionalProperties !== false)
      return 'Invalid schema for response_format: additionalProperties must be false';
    if (properties.some((name) => !required.includes(name)))
      return 'Invalid schema for response_format: required must list every property';
  }
  const inner = [...Object.values((schema.properties as object | undefined) ?? {}), schema.items].filter(
    (s) => typeof s === 'object' && s !== null,
  );
  return inner.map((s) => schemaFault(s as Record<string, unknown>)).find(Boolean);
}

function completion(request: ChatRequest, reply: Reply) {
  const prompt = Math.ceil(request.messages.map((m) => m.content).join('').length / 4);
  const output = Math.ceil((reply.content ?? '').length / 4);
  return {
    id: 'chatcmpl-1',
    object: 'chat.completion',
    created: 1795208651,
    model: o200k_base[0],
    choices: [
      {
        index: 0,
        finish_reason: reply.finishReason ?? 'stop',
        logprobs: null,
        message: { role: 'assistant', content: reply.content ?? null, refusal: reply.refusal ?? null },
      },
    ],
    ...(reply.usage === null
      ? {}
      : {
          usage: {
            prompt_tokens: prompt,
            completion_tokens: output,
            total_tokens: prompt + output,
            prompt_tokens_details: { cached_tokens: reply.cachedTokens ?? 0 },
          },
        }),
  };
}
