import OpenAI, { AzureOpenAI } from 'openai';
import { describe, expect, it } from 'vitest';
import { models } from '../../../local/modelService/models.ts';
import { errorOf, hello, prose, startClients } from './clients.ts';

type ChatBody = OpenAI.ChatCompletionCreateParamsNonStreaming;
type ResponsesBody = OpenAI.Responses.ResponseCreateParamsNonStreaming;
/** Members a test sends although the types forbid them. */
type Loose<T> = { [name in keyof T]?: unknown } & Record<string, unknown>;

const openSchema = { type: 'object', properties: { a: { type: 'string', minLength: 1 } } };
const strict = { name: 'answer', strict: true, schema: openSchema };
const marked = (text: string) => [
  { role: 'user', content: [{ type: 'text', text, prompt_cache_breakpoint: { mode: 'explicit' } }] },
];

describe('who may ask', () => {
  it.each(['v1', 'openAi', 'azure'] as const)(
    '%s: 401 for another key than the configured one',
    async (kind) => {
      const clients = await startClients({ apiKey: 'other' });
      const error = await errorOf(
        clients[kind].chat.completions.create({ model: 'gpt-4o', messages: hello }),
      );
      expect(error).toBeInstanceOf(OpenAI.AuthenticationError);
      expect(error.code).toBe(kind === 'openAi' ? 'invalid_api_key' : '401');
      expect(JSON.stringify(error.error)).not.toContain('"key"');
      expect(clients.service.requests).toMatchObject([{ status: 401, request: undefined }]);
    },
  );

  it('401 without any credential', async () => {
    const { service } = await startClients();
    const anonymous = new OpenAI({
      baseURL: service.baseUrl,
      apiKey: 'x',
      maxRetries: 0,
      defaultHeaders: { authorization: null },
    });
    const error = await errorOf(anonymous.chat.completions.create({ model: 'gpt-4o', messages: hello }));
    expect(error.status).toBe(401);
  });

  it('takes the configured key as a bearer token, from a token provider and as api-key', async () => {
    const { service, v1, azure } = await startClients({ apiKey: 'key' });
    const provider = new OpenAI({ baseURL: service.baseUrl, apiKey: async () => 'key' });
    const entra = new AzureOpenAI({
      endpoint: service.origin,
      apiVersion: '2025-04-01-preview',
      azureADTokenProvider: async () => 'key',
    });
    for (const client of [v1, azure, provider, entra])
      await client.chat.completions.create({ model: 'gpt-4o', messages: hello });
    expect(service.requests.map(({ status }) => status)).toEqual([200, 200, 200, 200]);
    expect(service.requests.map(({ headers }) => headers['api-key'] ?? headers.authorization)).toEqual([
      'Bearer key',
      'key',
      'Bearer key',
      'Bearer key',
    ]);
  });
});

describe('what is asked for', () => {
  it('404 for other addresses, in the words of each service', async () => {
    const { v1, openAi, azure, service } = await startClients();
    const [one, two] = [
      await errorOf(v1.models.list().then()),
      await errorOf(openAi.embeddings.create({ model: 'm', input: 'x' })),
    ];
    expect([one.status, one.error]).toEqual([404, { code: '404', message: 'Resource not found' }]);
    expect([two.status, two.error]).toMatchObject([
      404,
      { message: 'Invalid URL (POST /v1/embeddings)', type: 'invalid_request_error' },
    ]);
    const unversioned = new OpenAI({
      apiKey: 'k',
      maxRetries: 0,
      baseURL: `${service.origin}/openai/deployments/gpt-4o`,
    });
    expect(
      (await errorOf(unversioned.chat.completions.create({ model: 'gpt-4o', messages: hello }))).status,
    ).toBe(404);
    const answer = await azure.chat.completions.create({ model: 'gpt-4o', messages: hello });
    expect(answer.model).toBe('gpt-4o-2024-11-20');
  });

  it('404 for an unknown deployment', async () => {
    const { v1, openAi, azure } = await startClients({ deployments: { mine: { model: 'gpt-5' } } });
    const ask = (client: OpenAI) =>
      errorOf(client.chat.completions.create({ model: 'gpt-5', messages: hello }));
    const errors = [await ask(v1), await ask(azure), await ask(openAi)];
    expect(errors.map(({ status, code }) => [status, code])).toEqual([
      [404, 'DeploymentNotFound'],
      [404, 'DeploymentNotFound'],
      [404, 'model_not_found'],
    ]);
    const [known] = (await azure.chat.completions.create({ model: 'mine', messages: hello })).choices;
    expect(known?.finish_reason).toBe('stop');
  });

  it('starts with no deployment of a model nobody knows', async () => {
    await expect(startClients({ deployments: { mine: { model: 'gpt-9' } } })).rejects.toThrow(
      /"mine" is of "gpt-9"/,
    );
  });
});

describe('chat completions are refused with 400', () => {
  it.each<[string, string, Loose<ChatBody>, string | null, string | null, RegExp]>([
    [
      'an unknown parameter',
      'gpt-4o',
      { foo: 1 },
      'foo',
      'unrecognized_request_argument',
      /argument supplied: foo/,
    ],
    [
      'an unknown member',
      'gpt-4o',
      { messages: [{ role: 'user', content: [{ type: 'text', text: 'a', x: 1 }] }] },
      'messages[0].content[0].x',
      'unknown_parameter',
      /Unknown parameter/,
    ],
    [
      'no messages',
      'gpt-4o',
      { messages: undefined },
      'messages',
      'missing_required_parameter',
      /Missing required parameter: 'messages'/,
    ],
    ['an empty list', 'gpt-4o', { messages: [] }, 'messages', 'empty_array', /empty array/],
    [
      'a strange role',
      'gpt-4o',
      { messages: [{ role: 'boss', content: 'x' }] },
      'messages[0].role',
      'invalid_value',
      /'boss'.*'system'/,
    ],
    [
      'a picture',
      'gpt-4o',
      { messages: [{ role: 'user', content: [{ type: 'image_url', text: '' }] }] },
      'messages[0].content[0].type',
      'invalid_value',
      /image_url/,
    ],
    [
      'a text for a number',
      'gpt-4o',
      { temperature: 'hot' },
      'temperature',
      'invalid_type',
      /expected number/,
    ],
    ['a stream', 'gpt-4o', { stream: true }, 'stream', 'unsupported_value', /does not stream/],
    ['two choices', 'gpt-4o', { n: 2 }, 'n', 'invalid_value', /one choice/],
    [
      'what the stand-in does not have',
      'gpt-4o',
      { audio: {} },
      'audio',
      'unsupported_parameter',
      /stand-in/,
    ],
    [
      'temperature while reasoning',
      'gpt-5',
      { temperature: 0 },
      'temperature',
      'unsupported_value',
      /does not support 0/,
    ],
    [
      'max_tokens while reasoning',
      'o3',
      { max_tokens: 9 },
      'max_tokens',
      'unsupported_parameter',
      /Use 'max_completion_tokens'/,
    ],
    ...['top_p', 'presence_penalty', 'frequency_penalty', 'top_logprobs'].map(
      (name): [string, string, Loose<ChatBody>, string, string, RegExp] => [
        `${name} while reasoning`,
        'gpt-5.6-luna',
        { [name]: 1 },
        name,
        'unsupported_parameter',
        /not supported/,
      ],
    ),
    [
      'logprobs while reasoning',
      'o4-mini',
      { logprobs: true },
      'logprobs',
      'unsupported_parameter',
      /not supported/,
    ],
    [
      'effort without reasoning',
      'gpt-4o',
      { reasoning_effort: 'low' },
      'reasoning_effort',
      'unrecognized_request_argument',
      /reasoning_effort/,
    ],
    [
      'a strange effort',
      'gpt-5',
      { reasoning_effort: 'heroic' },
      'reasoning_effort',
      'invalid_value',
      /'heroic'.*'minimal'/,
    ],
    [
      'too long an answer',
      'gpt-4o',
      { max_completion_tokens: 16_385 },
      'max_completion_tokens',
      'invalid_value',
      /at most 16384/,
    ],
    [
      'too long an answer, in old words',
      'gpt-4o',
      { max_tokens: 16_385 },
      'max_tokens',
      'invalid_value',
      /at most 16384/,
    ],
    [
      'no answer',
      'gpt-5',
      { max_completion_tokens: 0 },
      'max_completion_tokens',
      'integer_below_min_value',
      />= 1/,
    ],
    [
      'both limits',
      'gpt-4o',
      { max_tokens: 5, max_completion_tokens: 5 },
      'max_tokens',
      'invalid_parameter_combination',
      /same time/,
    ],
    [
      'an open schema',
      'gpt-4o',
      { response_format: { type: 'json_schema', json_schema: strict } },
      'response_format',
      null,
      /'answer': In context=\(\), 'additionalProperties'/,
    ],
    [
      'a schema without a name',
      'gpt-4o',
      { response_format: { type: 'json_schema', json_schema: { schema: {} } } },
      'response_format.json_schema.name',
      'missing_required_parameter',
      /name/,
    ],
    [
      'a schema on an old model',
      'gpt-4-turbo',
      { response_format: { type: 'json_schema', json_schema: strict } },
      'response_format',
      null,
      /of type 'json_schema' is not supported/,
    ],
    [
      'JSON on an older one',
      'gpt-4',
      { response_format: { type: 'json_object' } },
      'response_format',
      null,
      /of type 'json_object' is not supported/,
    ],
    [
      'JSON nobody mentions',
      'gpt-4o',
      { response_format: { type: 'json_object' } },
      'messages',
      null,
      /must contain the word 'json'/,
    ],
    [
      'cache options before 5.6',
      'gpt-5.5',
      { prompt_cache_options: { mode: 'explicit' } },
      'prompt_cache_options',
      'invalid_parameter',
      /not supported on this model/,
    ],
    [
      'a breakpoint before 5.6',
      'gpt-4o',
      { messages: marked('x') },
      'prompt_cache_breakpoint',
      'invalid_parameter',
      /not supported on this model/,
    ],
    [
      'retention beside options',
      'gpt-5.6-sol',
      { prompt_cache_options: {}, prompt_cache_retention: '24h' },
      'prompt_cache_retention',
      'invalid_parameter_combination',
      /together/,
    ],
    [
      'retention where there is no cache',
      'gpt-4',
      { prompt_cache_retention: '24h' },
      'prompt_cache_retention',
      'invalid_parameter',
      /not supported/,
    ],
    [
      'retention in memory since 5.5',
      'gpt-5.5',
      { prompt_cache_retention: 'in_memory' },
      'prompt_cache_retention',
      'invalid_parameter',
      /not supported/,
    ],
    [
      'a strange time to live',
      'gpt-5.6-sol',
      { prompt_cache_options: { ttl: '12h' } },
      'prompt_cache_options.ttl',
      'invalid_value',
      /'12h'.*'30m'/,
    ],
    [
      'a prompt beyond the window',
      'gpt-4',
      { messages: [{ role: 'user', content: prose(4_200) }] },
      'messages',
      'context_length_exceeded',
      /maximum context length is 8192/,
    ],
    [
      'a prompt and an answer beyond it',
      'gpt-4',
      { max_tokens: 8_190 },
      'messages',
      'context_length_exceeded',
      /requested 8198 tokens \(8 in/,
    ],
    [
      'a prompt beyond the input limit',
      'gpt-5',
      { messages: [{ role: 'user', content: prose(140_000) }] },
      'messages',
      'context_length_exceeded',
      /configured limit of 272000/,
    ],
  ])('%s', async (_, model, body, param, code, message) => {
    const { v1, service } = await startClients();
    const error = await errorOf(
      v1.chat.completions.create({ model, messages: hello, ...body } as unknown as ChatBody),
    );
    expect(error).toBeInstanceOf(OpenAI.BadRequestError);
    expect([error.param, error.code, error.type]).toEqual([param, code, 'invalid_request_error']);
    expect(error.message).toMatch(message);
    expect(service.requests).toMatchObject([{ status: 400 }]);
  });
});

describe('responses are refused with 400', () => {
  it.each<[string, string, Loose<ResponsesBody>, string, string, RegExp]>([
    ['an unknown parameter', 'gpt-4o', { foo: 1 }, 'foo', 'unknown_parameter', /Unknown parameter: 'foo'/],
    [
      'a part of the other API',
      'gpt-4o',
      { input: [{ role: 'user', content: [{ type: 'text', text: 'x' }] }] },
      'input[0].content[0].type',
      'invalid_value',
      /'text'.*'input_text'/,
    ],
    ['a stream', 'gpt-4o', { stream: true }, 'stream', 'unsupported_value', /does not stream/],
    [
      'an earlier response',
      'gpt-4o',
      { previous_response_id: 'r' },
      'previous_response_id',
      'unsupported_parameter',
      /stand-in/,
    ],
    [
      'temperature while reasoning',
      'gpt-5',
      { temperature: 0 },
      'temperature',
      'unsupported_parameter',
      /temperature/,
    ],
    [
      'effort without reasoning',
      'gpt-4o',
      { reasoning: { effort: 'low' } },
      'reasoning.effort',
      'unsupported_parameter',
      /effort/,
    ],
    [
      'too long an answer',
      'gpt-5',
      { max_output_tokens: 128_001 },
      'max_output_tokens',
      'integer_above_max_value',
      /<= 128000/,
    ],
    [
      'too short an answer',
      'gpt-5',
      { max_output_tokens: 15 },
      'max_output_tokens',
      'integer_below_min_value',
      />= 16/,
    ],
    [
      'an open schema',
      'gpt-4o',
      { text: { format: { type: 'json_schema', ...strict } } },
      'text.format.schema',
      'invalid_json_schema',
      /additionalProperties/,
    ],
    [
      'cache options before 5.6',
      'gpt-5',
      { prompt_cache_options: { ttl: '30m' } },
      'prompt_cache_options',
      'invalid_parameter',
      /not supported on this model/,
    ],
    [
      'a prompt beyond the window',
      'gpt-4',
      { input: prose(4_200) },
      'input',
      'context_length_exceeded',
      /8192/,
    ],
  ])('%s', async (_, model, body, param, code, message) => {
    const { v1 } = await startClients();
    const error = await errorOf(
      v1.responses.create({ model, input: 'Hello', ...body } as unknown as ResponsesBody),
    );
    expect([error.status, error.param, error.code]).toEqual([400, param, code]);
    expect(error.message).toMatch(message);
  });
});

describe('what is not refused', () => {
  const format = {
    type: 'json_schema' as const,
    json_schema: {
      name: 'a',
      strict: true,
      schema: {
        type: 'object',
        properties: { a: { type: 'string' } },
        required: ['a'],
        additionalProperties: false,
      },
    },
  };
  it.each<[string, Partial<ChatBody>]>([
    [
      'gpt-4o',
      {
        temperature: 0,
        top_p: 0.5,
        max_tokens: 100,
        seed: 1,
        user: 'u',
        logprobs: false,
        response_format: format,
      },
    ],
    [
      'gpt-5',
      {
        temperature: 1,
        max_completion_tokens: 100,
        reasoning_effort: 'minimal',
        verbosity: 'low',
        response_format: format,
      },
    ],
    [
      'gpt-4o',
      { response_format: { type: 'json_schema', json_schema: { name: 'loose', schema: openSchema } } },
    ],
    [
      'gpt-4o',
      { response_format: { type: 'json_object' }, messages: [{ role: 'user', content: 'as JSON' }] },
    ],
    ['gpt-5.1', { prompt_cache_key: 'k', prompt_cache_retention: '24h' }],
    ['gpt-5.6-terra', { prompt_cache_key: 'k', prompt_cache_options: { mode: 'explicit', ttl: '30m' } }],
  ])('%s %j', async (model, body) => {
    const { azure } = await startClients();
    const answer = await azure.chat.completions.create({ model, messages: hello, ...body });
    expect(answer.choices[0]?.finish_reason).toBe('stop');
  });

  it('anything a model may dislike, where the service shall not check', async () => {
    const { v1 } = await startClients({ checks: false });
    const answer = await v1.chat.completions.create({
      model: 'gpt-5',
      messages: hello,
      temperature: 0,
      response_format: { type: 'json_object' },
    });
    expect(answer.object).toBe('chat.completion');
  });

  it('has every model under its own name', async () => {
    const { v1 } = await startClients();
    for (const [model, { snapshot }] of Object.entries(models))
      expect((await v1.chat.completions.create({ model, messages: hello })).model).toBe(snapshot);
  });
});
