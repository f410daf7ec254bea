import { countTokens as cl100k } from 'gpt-tokenizer/encoding/cl100k_base';
import { countTokens as o200k } from 'gpt-tokenizer/encoding/o200k_base';
import { countTokens as chatTokens } from 'gpt-tokenizer/model/gpt-4-turbo';
import type OpenAI from 'openai';
import { describe, expect, it } from 'vitest';
import type { Reply } from '../../../local/modelService/reply.ts';
import { errorOf, hello, prose, startClients } from './clients.ts';

const says = (reply: Reply) => ({ answer: () => reply });
const tools = [
  {
    type: 'function' as const,
    function: { name: 'look_up', parameters: { type: 'object', properties: { q: { type: 'string' } } } },
  },
];

describe('tokens', () => {
  const messages = [
    { role: 'system' as const, content: 'You audit source code. <|endoftext|>' },
    { role: 'user' as const, content: 'const größe = 12; // 部屋 🚪\n\n\tif (a) {}' },
  ];

  it.each([
    ['gpt-4o', o200k],
    ['gpt-4-turbo', cl100k],
  ])('are counted as %s does, with four for each message and three for the answer', async (model, count) => {
    const { v1 } = await startClients(says({ content: 'Fine, 部屋.' }));
    const { usage } = await v1.chat.completions.create({ model, messages });
    const options = { disallowedSpecial: new Set<string>() };
    const prompt = messages.reduce((sum, { content }) => sum + 4 + count(content, options), 3);
    const output = count('Fine, 部屋.');
    expect(usage).toEqual({
      prompt_tokens: prompt,
      completion_tokens: output,
      total_tokens: prompt + output,
      prompt_tokens_details: { audio_tokens: 0, cached_tokens: 0 },
      completion_tokens_details: {
        accepted_prediction_tokens: 0,
        audio_tokens: 0,
        reasoning_tokens: 0,
        rejected_prediction_tokens: 0,
      },
    });
  });

  it('of a chat agree with the tokenizer that knows chats', async () => {
    const { v1 } = await startClients();
    const chat = [...messages.slice(1), { role: 'assistant' as const, content: 'Yes.' }, ...hello];
    const { usage } = await v1.chat.completions.create({ model: 'gpt-4-turbo', messages: chat });
    expect(usage?.prompt_tokens).toBe(chatTokens(chat));
  });

  it('of names, tools and schema count too', async () => {
    const { v1 } = await startClients();
    const count = async (more: Partial<OpenAI.ChatCompletionCreateParamsNonStreaming>) =>
      (await v1.chat.completions.create({ model: 'gpt-4o', messages: hello, ...more })).usage
        ?.prompt_tokens ?? 0;
    const schema = { type: 'object', properties: {}, required: [], additionalProperties: false };
    const plain = await count({});
    expect(await count({ messages: [{ role: 'user', content: 'Hello', name: 'Ann' }] })).toBe(
      plain + 1 + o200k('Ann'),
    );
    expect(await count({ tools })).toBe(plain + o200k(JSON.stringify(tools)));
    expect(
      await count({
        response_format: { type: 'json_schema', json_schema: { name: 'a', strict: true, schema } },
      }),
    ).toBe(plain + o200k(JSON.stringify(schema)));
  });

  it('of reasoning are part of the output, by effort', async () => {
    const { v1 } = await startClients(says({ content: 'Yes' }));
    const ask = async (model: string, reasoning_effort?: OpenAI.ReasoningEffort) => {
      const { usage } = await v1.chat.completions.create({
        model,
        messages: hello,
        ...(reasoning_effort ? { reasoning_effort } : {}),
      });
      return [usage?.completion_tokens_details?.reasoning_tokens, usage?.completion_tokens];
    };
    expect([
      await ask('gpt-5'),
      await ask('gpt-5', 'minimal'),
      await ask('gpt-5', 'high'),
      await ask('gpt-5.1'),
      await ask('gpt-4o'),
    ]).toEqual([
      [128, 129],
      [0, 1],
      [256, 257],
      [0, 1],
      [0, 1],
    ]);
  });
});

describe('the prompt cache in the usage', () => {
  const long = prose(2_000);
  it('before GPT-5.6: the common prefix in steps of 128, by deployment and key', async () => {
    let now = 1_000_000;
    const { azure } = await startClients({ now: () => now });
    const ask = async (end: string, more: Partial<OpenAI.ChatCompletionCreateParamsNonStreaming> = {}) => {
      const { usage } = await azure.chat.completions.create({
        model: 'gpt-4o',
        messages: [{ role: 'user', content: `${long} ${end}` }],
        ...more,
      });
      return usage?.prompt_tokens_details?.cached_tokens;
    };
    const first = [await ask('one'), await ask('two')];
    expect(first[0]).toBe(0);
    expect(first[1]).toBeGreaterThan(3_900);
    expect((first[1] ?? 0) % 128).toBe(0);
    expect([await ask('two', { prompt_cache_key: 'k' }), await ask('two', { model: 'gpt-4.1' })]).toEqual([
      0, 0,
    ]);
    expect(await ask('three', { tools })).toBe(0);
    now += 5 * 60_000;
    expect(await ask('two')).toBe(0);
  });

  it('since GPT-5.6: exactly at breakpoints, with what was written', async () => {
    const { v1 } = await startClients();
    const ask = async (end: string, mode: 'implicit' | 'explicit', mark: boolean) => {
      const { usage } = await v1.chat.completions.create({
        model: 'gpt-5.6-luna',
        prompt_cache_key: `${mode}/${mark}`,
        prompt_cache_options: { mode },
        messages: [
          {
            role: 'user',
            content: [
              {
                type: 'text',
                text: long,
                ...(mark ? { prompt_cache_breakpoint: { mode: 'explicit' as const } } : {}),
              },
              { type: 'text', text: end },
            ],
          },
        ],
      });
      const { cached_tokens: cached, cache_write_tokens: written } = usage?.prompt_tokens_details ?? {};
      return { cached, written, prompt: usage?.prompt_tokens };
    };
    const marked = o200k(long) + 3;
    const end = o200k(' Why?');
    const prompt = marked + end + 1 + 3;
    expect([await ask(' Why?', 'implicit', false), await ask(' How?', 'implicit', false)]).toEqual([
      { cached: 0, written: prompt - 3, prompt },
      { cached: 0, written: prompt - 3, prompt },
    ]);
    expect([await ask(' Why?', 'explicit', true), await ask(' How?', 'explicit', true)]).toEqual([
      { cached: 0, written: marked, prompt },
      { cached: marked, written: 0, prompt },
    ]);
    expect([await ask(' Why?', 'implicit', true), await ask(' How?', 'implicit', true)]).toEqual([
      { cached: 0, written: prompt - 3, prompt },
      { cached: marked, written: end + 1, prompt },
    ]);
    expect(await ask(' Why?', 'explicit', false)).toEqual({ cached: 0, written: 0, prompt });
  });

  it('since GPT-5.6: is not shared between efforts or verbosities, and ends after the latest tool message', async () => {
    const { v1 } = await startClients();
    const ask = async (more: Partial<OpenAI.ChatCompletionCreateParamsNonStreaming>) => {
      const { usage } = await v1.chat.completions.create({
        model: 'gpt-5.6-sol',
        messages: [
          { role: 'user', content: long },
          { role: 'assistant', content: 'Let me look.' },
          { role: 'tool', content: 'Nothing.', tool_call_id: 'c' },
          { role: 'assistant', content: 'Well.' },
        ],
        ...more,
      });
      const { cached_tokens: cached = 0, cache_write_tokens: written } = usage?.prompt_tokens_details ?? {};
      return [cached, written, (usage?.prompt_tokens ?? 0) - cached - (written ?? 0)];
    };
    const upTo = o200k(long) + o200k('Let me look.') + o200k('Nothing.') + 12;
    const rest = o200k('Well.') + 4 + 3;
    expect([
      await ask({}),
      await ask({}),
      await ask({ reasoning_effort: 'low' }),
      await ask({ verbosity: 'low' }),
    ]).toEqual([
      [0, upTo, rest],
      [upTo, 0, rest],
      [0, upTo, rest],
      [0, upTo, rest],
    ]);
  });

  it('in responses', async () => {
    const { v1 } = await startClients();
    const ask = async (model: string) => {
      const create = () => v1.responses.create({ model, instructions: 'Be brief.', input: long });
      await create();
      return (await create()).usage?.input_tokens_details;
    };
    const prefix = await ask('gpt-4o');
    expect(prefix?.cached_tokens).toBeGreaterThan(3_900);
    expect(prefix?.cache_write_tokens).toBe(0);
    expect((await ask('gpt-5.6-sol'))?.cached_tokens).toBe(o200k('Be brief.') + o200k(long) + 8);
  });
});

describe('responses', () => {
  it('carry the text, the usage and a reasoning item', async () => {
    const { v1, azure, service } = await startClients(says({ content: '{"a":1}' }));
    const body: OpenAI.Responses.ResponseCreateParamsNonStreaming = {
      model: 'gpt-5',
      input: [{ role: 'user', content: [{ type: 'input_text', text: 'Hello' }] }],
      text: { format: { type: 'json_schema', name: 'a', strict: false, schema: {} }, verbosity: 'low' },
      reasoning: { effort: 'low' },
    };
    for (const client of [v1, azure]) {
      const answer = await client.responses.create(body);
      expect(answer.output_text).toBe('{"a":1}');
      expect(answer.output.map(({ type }) => type)).toEqual(['reasoning', 'message']);
      expect(answer.usage).toMatchObject({
        input_tokens: 8 + o200k('{}'),
        output_tokens: 64 + o200k('{"a":1}'),
        output_tokens_details: { reasoning_tokens: 64 },
        total_tokens: 8 + o200k('{}') + 64 + o200k('{"a":1}'),
      });
      expect([answer.status, answer.incomplete_details, answer.error]).toEqual(['completed', null, null]);
    }
    expect(service.requests.map(({ path }) => path)).toEqual([
      '/openai/v1/responses',
      '/openai/responses?api-version=2025-04-01-preview',
    ]);
  });

  it('are incomplete where they are cut or filtered, and tell a refusal', async () => {
    const replies: Reply[] = [
      { content: prose(100) },
      { content: 'x', finish: 'content_filter' },
      { refusal: 'No.' },
    ];
    const { v1 } = await startClients({ answer: (_, attempt) => replies[attempt - 1] ?? { content: '' } });
    const ask = () => v1.responses.create({ model: 'gpt-4o', input: 'Hello', max_output_tokens: 16 });
    const [cut, filtered, refused] = [await ask(), await ask(), await ask()];
    expect([cut.status, cut.incomplete_details, o200k(cut.output_text)]).toEqual([
      'incomplete',
      { reason: 'max_output_tokens' },
      16,
    ]);
    expect([filtered.status, filtered.incomplete_details]).toEqual([
      'incomplete',
      { reason: 'content_filter' },
    ]);
    expect(refused.output).toMatchObject([
      { type: 'message', content: [{ type: 'refusal', refusal: 'No.' }] },
    ]);
  });
});

describe('what the model says', () => {
  it.each<[string, Reply, object]>([
    ['a text', { content: 'Yes' }, { finish_reason: 'stop', message: { content: 'Yes', refusal: null } }],
    ['nothing', { content: null }, { finish_reason: 'stop', message: { content: null } }],
    ['a refusal', { refusal: 'No.' }, { finish_reason: 'stop', message: { content: null, refusal: 'No.' } }],
    ['a filtered text', { content: 'Ye', finish: 'content_filter' }, { finish_reason: 'content_filter' }],
    [
      'a text said to be cut',
      { content: '{', finish: 'length' },
      { finish_reason: 'length', message: { content: '{' } },
    ],
  ])('%s', async (_, reply, choice) => {
    const { azure } = await startClients(says(reply));
    const { choices } = await azure.chat.completions.create({ model: 'gpt-4o', messages: hello });
    expect(choices).toMatchObject([choice]);
  });

  it('is cut at the limit, where reasoning comes first', async () => {
    const { v1 } = await startClients(says({ content: prose(300) }));
    const ask = async (max_completion_tokens: number) => {
      const { choices, usage } = await v1.chat.completions.create({
        model: 'gpt-5',
        messages: hello,
        max_completion_tokens,
      });
      const { message, finish_reason } = choices[0] ?? {};
      return [
        o200k(message?.content ?? ''),
        finish_reason,
        usage?.completion_tokens,
        usage?.completion_tokens_details?.reasoning_tokens,
      ];
    };
    expect([await ask(150), await ask(100), await ask(5_000)]).toEqual([
      [22, 'length', 150, 128],
      [0, 'length', 100, 100],
      [900, 'stop', 1_028, 128],
    ]);
  });

  it('is cut where reasoning alone uses up the limit', async () => {
    const { v1 } = await startClients(says({ content: null }));
    const { choices, usage } = await v1.chat.completions.create({
      model: 'gpt-5',
      messages: hello,
      max_completion_tokens: 50,
    });
    expect([choices[0]?.finish_reason, usage?.completion_tokens]).toEqual(['length', 50]);
  });

  it('can come with a given cache use, given reasoning, or no usage', async () => {
    const replies: Reply[] = [
      { content: 'x', cachedTokens: 5, reasoningTokens: 7 },
      { content: 'x', usage: null },
    ];
    const { v1 } = await startClients({ answer: (_, attempt) => replies[attempt - 1] ?? { content: '' } });
    const ask = () => v1.chat.completions.create({ model: 'gpt-4o', messages: hello });
    expect((await ask()).usage).toMatchObject({
      prompt_tokens_details: { cached_tokens: 5 },
      completion_tokens_details: { reasoning_tokens: 7 },
      completion_tokens: 8,
    });
    expect(await ask()).not.toHaveProperty('usage');
  });
});

describe('the script and the journal', () => {
  it('see the request in one form for both APIs', async () => {
    const { v1, service } = await startClients({
      answer: ({ api, model, messages }, attempt) => ({
        content: `${attempt} ${api} ${model} ${messages.map(({ role, parts }) => role + parts.map(({ text }) => text).join('')).join()}`,
      }),
    });
    const chat = await v1.chat.completions.create({ model: 'gpt-4o', messages: hello });
    const { output_text } = await v1.responses.create({ model: 'gpt-5', instructions: 'Be', input: 'Hi' });
    expect([chat.choices[0]?.message.content, output_text]).toEqual([
      '1 chat gpt-4o userHello',
      '2 responses gpt-5 systemBe,userHi',
    ]);
    expect(service.requests).toMatchObject([
      { path: '/openai/v1/chat/completions', body: { model: 'gpt-4o', messages: hello }, status: 200 },
      { path: '/openai/v1/responses', body: { input: 'Hi' }, request: { model: 'gpt-5' }, status: 200 },
    ]);
  });

  it('keeps the latest requests only', async () => {
    const { v1, service } = await startClients({ journalSize: 2 });
    for (const model of ['gpt-4o', 'gpt-5', 'o3'])
      await v1.chat.completions.create({ model, messages: hello });
    expect(service.requests.map(({ body }) => body?.model)).toEqual(['gpt-5', 'o3']);
  });

  it('tells the author of a script that it failed, and lets no client try again', async () => {
    const { v1, service } = await startClients(
      {
        answer: () => {
          throw new Error('no line left');
        },
      },
      2,
    );
    const error = await errorOf(v1.chat.completions.create({ model: 'gpt-4o', messages: hello }));
    expect([error.status, error.message]).toEqual([500, expect.stringContaining('no line left')]);
    expect(service.requests).toHaveLength(1);
  });
});

describe('a body that is no JSON', () => {
  it('is refused', async () => {
    const { service } = await startClients();
    const response = await fetch(`${service.baseUrl}/chat/completions`, {
      method: 'POST',
      headers: { authorization: 'Bearer k' },
      body: '{',
    });
    expect([response.status, await response.json()]).toMatchObject([
      400,
      { error: { message: expect.stringContaining('could not parse') } },
    ]);
  });
});
