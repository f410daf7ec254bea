import { readdirSync } from 'node:fs';
import { Vapi } from '@vapi-ai/server-sdk';
import { describe, expect, it } from 'vitest';
import { root } from '../../support/process.ts';
import { acme, createVoice, sampleMessage } from '../../support/voice.ts';
import { sdkType, variantsOf, wordsOfType } from './sdkTypes.ts';
import { limits } from './vapiLimits.ts';
import { violations } from './violations.ts';

const request = 'ServerMessageResponseAssistantRequest';
const { answer } = await createVoice({
  tenants: [
    {
      ...acme,
      transfer: {
        destinations: [
          {
            name: 'Office',
            number: '+61255501111',
            extension: '12',
            message: '',
            hours: 'always',
            urgency: 'any',
          },
          { name: 'Sister', assistantId: 'asst_1', hours: 'always', urgency: 'any' },
        ],
      },
    },
  ],
});
const { body: right } = await answer(sampleMessage('assistant-request'));

/** A copy with one member replaced, or removed where the value is undefined. */
function changed(path: string, value: unknown): unknown {
  const copy = structuredClone(right) as Record<string, unknown>;
  const names = path.split('.');
  const holder = names
    .slice(0, -1)
    .reduce<Record<string, unknown>>((at, name) => at[name] as Record<string, unknown>, copy);
  holder[names.at(-1) ?? ''] = value;
  return copy;
}

describe("the SDK's types", () => {
  it('are read from their declarations, all of them', () => {
    const folder = `${root}node_modules/@vapi-ai/server-sdk/dist/esm/api/types/`;
    const names = readdirSync(folder)
      .filter((file) => file.endsWith('.d.mts') && file !== 'index.d.mts')
      .map((file) => file.slice(0, -'.d.mts'.length));
    expect(names.length).toBeGreaterThan(2_000);
    for (const name of names) expect(variantsOf(sdkType(name)), name).toBeDefined();
  });

  it('are those the SDK itself has at run time', () => {
    for (const name of [
      'DeepgramVoiceId',
      'OpenAiModelModel',
      'CreateAssistantDtoServerMessagesItem',
      'JsonSchemaFormat',
      'AzureSpeechTranscriberLanguage',
    ] as const)
      expect(wordsOfType(sdkType(name))).toEqual(Object.values(Vapi[name]));
  });

  // Contract, sections 1 and 4: what was counted by hand.
  it('are those the contract counts', () => {
    expect(wordsOfType(sdkType('CreateAssistantDtoServerMessagesItem'))).toHaveLength(28);
    expect(wordsOfType(sdkType('DeepgramVoiceId'))).toHaveLength(62);
    expect(wordsOfType(sdkType('CreateAssistantDtoFirstMessageMode'))).toHaveLength(3);
    expect(variantsOf(sdkType('CreateAssistantDtoModel'))).toHaveLength(17);
    expect(variantsOf(sdkType('CreateAssistantDtoVoice'))).toHaveLength(20);
    expect(variantsOf(sdkType('ServerMessageResponseMessageResponse'))).toHaveLength(8);
  });
});

describe('an answer that is right but for one thing', () => {
  const tools = 'assistant.model.tools';
  const many = (length: number) => 'x'.repeat(length);
  it('is right without it', () => {
    expect(violations(right, request)).toEqual([]);
    expect(
      Object.keys((right as { assistant: { model: { tools: unknown[] } } }).assistant.model.tools),
    ).toHaveLength(9);
  });

  // Section 4: names that are not in the DTO, or not any more, and what is seen of them in the wild.
  it.each([
    ['assistant.tools', [], '/assistant/tools: should not exist'],
    ['assistant.serverUrl', 'https://x.example', '/assistant/serverUrl: should not exist'],
    ['assistant.silenceTimeoutSeconds', 30, '/assistant/silenceTimeoutSeconds: should not exist'],
    ['assistant.recordingEnabled', true, '/assistant/recordingEnabled: should not exist'],
    ['assistant.variableValues', {}, '/assistant/variableValues: should not exist'],
    ['assistant.server', { secret: 'x' }, '/assistant/server/secret: should not exist'],
    ['assistant.model.functions', [], '/assistant/model/functions: should not exist'],
    [`${tools}.0.name`, 'x', '/assistant/model/tools/0/name: should not exist'],
    [
      `${tools}.0.function.parameters.additionalProperties`,
      false,
      '/assistant/model/tools/0/function/parameters/additionalProperties: should not exist',
    ],
    [
      `${tools}.6.destinations.0.hours`,
      'open',
      '/assistant/model/tools/6/destinations/0/hours: should not exist',
    ],
    ['a/b~c', 1, '/a~1b~0c: should not exist'],
    [
      'assistant.voice.voiceId',
      'australian_male',
      '/assistant/voice/voiceId: is none of the 62 that are allowed',
    ],
    ['assistant.voice.provider', 'nobody', '/assistant/voice: is none of the 20 that are allowed'],
    ['assistant.voice.voiceId', undefined, '/assistant/voice/voiceId: must be there'],
    ['assistant.model.model', 'gpt-9', '/assistant/model/model: is none of the 156 that are allowed'],
    [
      'assistant.model.messages.0.role',
      'bot',
      '/assistant/model/messages/0/role: is none of the 5 that are allowed',
    ],
    [
      `${tools}.0.function.parameters.type`,
      'array',
      '/assistant/model/tools/0/function/parameters/type: is none of the 1 that are allowed',
    ],
    [`${tools}.0.type`, 'fly', '/assistant/model/tools/0: is none of the 23 that are allowed'],
    [
      'assistant.firstMessageMode',
      'assistant-sings',
      '/assistant/firstMessageMode: is none of the 3 that are allowed',
    ],
    [
      'assistant.serverMessages.0',
      'call.started',
      '/assistant/serverMessages/0: is none of the 28 that are allowed',
    ],
    ['assistant.serverMessages', ['hang'], '/assistant/serverMessages: must ask for the end-of-call report'],
    [
      'assistant.artifactPlan.recordingEnabled',
      'yes',
      '/assistant/artifactPlan/recordingEnabled: must be a boolean',
    ],
    ['assistant.firstMessage', 7, '/assistant/firstMessage: must be text'],
    ['assistant.metadata', 'x', '/assistant/metadata: must be an object'],
    ['assistant.name', many(41), '/assistant/name: must be at most 40 characters'],
    ['assistant.endCallMessage', many(1_001), '/assistant/endCallMessage: must be at most 1000'],
    ['assistant.endCallPhrases', ['x'], '/assistant/endCallPhrases/0: must be 2 to 140 characters'],
    ['assistant.maxDurationSeconds', 9, '/assistant/maxDurationSeconds: must be 10 to 43200'],
    ['assistant.model.temperature', 2.1, '/assistant/model/temperature: must be 0 to 2'],
    ['assistant.model.maxTokens', 49, '/assistant/model/maxTokens: must be 50 to 10000'],
    ['assistant.server', { timeoutSeconds: 301 }, '/assistant/server/timeoutSeconds: must be 1 to 300'],
    [
      `${tools}.0.function.name`,
      'take a message',
      '/assistant/model/tools/0/function/name: must be a name of at most 64 characters',
    ],
    [
      `${tools}.0.function.description`,
      many(1_001),
      '/assistant/model/tools/0/function/description: must be at most 1000 characters',
    ],
    [
      `${tools}.6.destinations.0.number`,
      '0255501111',
      '/assistant/model/tools/6/destinations/0/number: must be in E.164 form',
    ],
    [
      `${tools}.6.destinations.0.extension`,
      many(11),
      '/assistant/model/tools/6/destinations/0/extension: must be 1 to 10 characters',
    ],
    ['assistant.firstMessage', 'half \ud83d', '/assistant/firstMessage: is no text'],
    [
      'destination',
      { type: 'assistant', assistantName: 'x' },
      '/destination: is none of the 2 that are allowed',
    ],
    ['error', '', '/error: must say something'],
  ])('%s as %j', (path, value, violation) => {
    expect(violations(changed(path, value), request)).toEqual([violation]);
  });

  it.each([
    [
      'ServerMessageResponseToolCalls',
      { results: [{ name: 'x', toolCallId: '1' }] },
      '/results/0: must have either result or error',
    ],
    [
      'ServerMessageResponseToolCalls',
      { results: [{ toolCallId: '1', result: 'x' }] },
      '/results/0/name: must be there',
    ],
    [
      'ServerMessageResponseToolCalls',
      { results: [{ name: 'x', toolCallId: '1', result: {} }] },
      '/results/0/result: must be text',
    ],
    [
      'ServerMessageResponseToolCalls',
      { results: [{ name: 'x', toolCallId: '1', result: 'a\nb' }] },
      '/results/0/result: must be one line',
    ],
    ['ServerMessageResponseToolCalls', { results: {} }, '/results: must be a list'],
    [
      'ServerMessageResponseTransferDestinationRequest',
      { destination: { type: 'number' } },
      '/destination/number: must be there',
    ],
    ['ServerMessageResponseHandoffDestinationRequest', { error: 'x' }, '/destination: must be there'],
    ['HandoffDestinationAssistant', { type: 'assistant' }, '/type: needs assistantId or assistantName'],
    [
      'ServerMessageResponseKnowledgeBaseRequest',
      { documents: [{ content: 'x' }] },
      '/documents/0/similarity: must be there',
    ],
    [
      'ServerMessageResponseKnowledgeBaseRequest',
      { documents: [{ content: 'x', similarity: 2 }] },
      '/documents/0/similarity: must be 0 to 1',
    ],
    ['ServerMessageResponseCallEndpointingRequest', {}, '/timeoutSeconds: must be there'],
    ['ServerMessageResponseCampaignPredial', { eligible: 'yes' }, '/eligible: must be a boolean'],
  ])('%s as %j', (name, body, violation) => {
    expect(violations(body, name)).toContain(violation);
  });

  it('is judged by limits of types there are', () => {
    for (const { of } of limits) for (const name of of) expect(variantsOf(sdkType(name))).toHaveLength(1);
  });
});
