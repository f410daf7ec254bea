import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { createEngine } from '../../../../shared/audit/engines/createEngine.ts';
import { quoteShape } from '../../../../shared/audit/engines/model/answers.ts';
import { OpenAiClient } from '../../../../shared/audit/engines/openAi/openAiClient.ts';
import { AppError } from '../../../../shared/errors.ts';
import { errorFields } from '../../../../shared/telemetry/logger.ts';
import { assignment, auditSettings, createModelAccess, input } from '../../../support/audit.ts';

const servers: Server[] = [];
afterEach(() => {
  for (const server of servers.splice(0)) server.close().closeAllConnections();
});

/** An audit by a server that answers everything with one body. */
async function auditBy(body: string | Buffer, api: 'chat' | 'responses' = 'chat') {
  let asked = 0;
  const server = createServer((request, response) => {
    asked++;
    request.resume();
    response.setHeader('content-type', 'application/json').end(body);
  });
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const env: Record<string, string> =
    api === 'chat'
      ? { GATEHOUSE_OPENAI_BASE_URL: `${origin}/v1` }
      : { AZURE_OPENAI_ENDPOINT: origin, AZURE_OPENAI_API_KEY: 'k' };
  const access = createModelAccess();
  const engine = await createEngine(auditSettings(env), access);
  const outcome = await engine.assess(input, assignment()).catch((error: unknown) => error);
  return { outcome, asked };
}

const requirements = { requirements: [{ quote: 'The shop must hash every password with `scrypt`.' }] };
const saying = (content: unknown, more: object = {}) =>
  JSON.stringify({ choices: [{ message: { content }, finish_reason: 'stop' }], ...more });

describe('an answer of another form', () => {
  it.each<[string, string, 'chat' | 'responses']>([
    ['a number for a text', saying(5), 'chat'],
    ['an object for a text', saying({ text: '{}' }), 'chat'],
    ['nothing at all', 'null', 'chat'],
    ['nothing at all, of Responses', 'null', 'responses'],
    ['no choices', '{}', 'chat'],
    ['text for choices', '{"choices": "abc"}', 'chat'],
    ['an object for the output', '{"output": {}}', 'responses'],
    ['nothing for an item of the output', '{"output": [null]}', 'responses'],
    [
      'an end that is none',
      JSON.stringify({
        status: 'cancelled',
        output: [{ type: 'message', content: [{ type: 'output_text', text: JSON.stringify(requirements) }] }],
      }),
      'responses',
    ],
    ['half of a JSON text', '{"choices": [{"message": {"content": "const hidden = 1', 'chat'],
    ['no JSON', 'const hidden = 1;', 'chat'],
  ])('is an error that is paid for once: %s', async (_, body, api) => {
    const { outcome, asked } = await auditBy(body, api);
    expect(outcome).toBeInstanceOf(AppError);
    expect(outcome).toMatchObject({ code: 'engine-failed' });
    expect(asked).toBe(1);
    expect(JSON.stringify(errorFields(outcome))).not.toContain('hidden');
  });

  it('is cut off where it never ends', async () => {
    const { outcome, asked } = await auditBy(Buffer.alloc(17 * 1024 * 1024, ' '));
    expect(outcome).toMatchObject({ code: 'engine-failed' });
    expect(asked).toBe(1);
  });

  it.each([
    ['a text in parts', saying([{ type: 'text', text: JSON.stringify(requirements) }])],
    ['a name that is none', saying(JSON.stringify(requirements), { model: { a: 1 } })],
    ['text for usage', saying(JSON.stringify(requirements), { usage: 'much' })],
    [
      'text in usage',
      saying(JSON.stringify(requirements), { usage: { prompt_tokens: '1', completion_tokens: -1 } }),
    ],
  ])('is read where it can be: %s', async (_, body) => {
    const { outcome, asked } = await auditBy(body);
    expect(asked, 'the requirements were read, and the next question asked').toBe(2);
    expect(outcome).toMatchObject({ code: 'engine-failed' });
  });
});

describe('a question', () => {
  const ask = (baseUrl: string, signal = AbortSignal.timeout(5_000)) => {
    const client = new OpenAiClient({ baseUrl, apiKey: 'k', model: 'm', modelName: 'm', api: 'chat' });
    const question = { system: 's', blocks: [], cacheKey: 'c', shape: quoteShape, maxOutputTokens: 100 };
    return client.ask(question, signal);
  };
  const serve = async (listener: RequestListener) => {
    const server = createServer(listener);
    servers.push(server);
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    return { server, baseUrl: `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1` };
  };

  it('that comes after its time was up is not sent, and known not to be billed', async () => {
    const reply = await ask('http://127.0.0.1:9/v1', AbortSignal.abort(new Error('over')));
    expect(reply).toMatchObject({ ok: false, isRetryable: false, isUnknown: false });
  });

  it('that reached nobody is known not to be billed, one whose connection broke is not', async () => {
    const { server, baseUrl } = await serve((request) => void request.socket.destroy());
    expect(await ask(baseUrl)).toMatchObject({ isRetryable: true, isUnknown: true });
    await new Promise((resolve) => server.close(resolve));
    expect(await ask(baseUrl)).toMatchObject({ isRetryable: true, isUnknown: false });
  });

  it.each([
    [408, true],
    [409, true],
    [429, true],
    [500, true],
    [404, false],
  ])('that is answered %d can be asked again: %s', async (status, isRetryable) => {
    const { baseUrl } = await serve((_, response) => void response.writeHead(status).end('{}'));
    const reply = await ask(baseUrl);
    expect(reply).toMatchObject({ ok: false, isRetryable, isThrottled: status === 429 });
  });
});
