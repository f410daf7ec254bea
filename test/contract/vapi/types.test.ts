import type { Vapi } from '@vapi-ai/server-sdk';
import { describe, expectTypeOf, it } from 'vitest';
import type { answerHandoff, answerTransfer } from '../../../shared/voice/answers/destinations.ts';
import type { answerEndpointing } from '../../../shared/voice/answers/endpointing.ts';
import type { answerKnowledgeBase } from '../../../shared/voice/answers/knowledgeBase.ts';
import type { answerPredial } from '../../../shared/voice/answers/predial.ts';
import type { ToolCallResult } from '../../../shared/voice/answers/toolCallResults.ts';
import type { AssistantAnswers } from '../../../shared/voice/assistant/assistantAnswers.ts';
import type {
  nativeTools,
  toHandoff,
  toVapiDestination,
} from '../../../shared/voice/assistant/nativeTools.ts';
import type {
  buildTransientAssistant,
  FunctionTool,
  serverMessages,
} from '../../../shared/voice/assistant/transientAssistant.ts';
import type { VapiParameters, VapiSchema } from '../../../shared/voice/assistant/vapiSchema.ts';

type Assistant = ReturnType<typeof buildTransientAssistant>;

/**
 * Of provider, model, voice, language and temperature a tenant writes text and numbers, which no type can hold to Vapi's
 * closed lists: `vapiFaults` does, and the properties beside this file prove it. All else of the part is as given here,
 * and is put to every variant of the SDK's union in turn.
 */
type Chosen = 'provider' | 'model' | 'voiceId' | 'language' | 'customVocabulary';
type As<Given, Variant> = Variant extends { provider: unknown }
  ? Omit<Given, Chosen> & Pick<Variant, Extract<keyof Variant, Chosen>>
  : never;
type Without<T, Provider> = Exclude<T, { provider: Provider }>;

describe("the types of answers are of Vapi's own", () => {
  it('assistant-request', () => {
    type Parts = 'model' | 'voice' | 'transcriber';
    expectTypeOf<Omit<Assistant, Parts>>().toExtend<Omit<Vapi.CreateAssistantDto, Parts>>();
    expectTypeOf<Exclude<keyof Assistant, keyof Vapi.CreateAssistantDto>>().toBeNever();
    expectTypeOf<Assistant['artifactPlan']>().toExtend<Vapi.ArtifactPlan>();
    expectTypeOf<Exclude<keyof Assistant['artifactPlan'], keyof Vapi.ArtifactPlan>>().toBeNever();
    expectTypeOf<(typeof serverMessages)[number]>().toExtend<Vapi.CreateAssistantDtoServerMessagesItem>();
    type Other = Exclude<Awaited<ReturnType<AssistantAnswers['answer']>>, string>;
    expectTypeOf<Other>().toExtend<Vapi.ServerMessageResponseAssistantRequest>();
    expectTypeOf<
      ReturnType<AssistantAnswers['overLimit']>
    >().toExtend<Vapi.ServerMessageResponseAssistantRequest>();
  });

  it('models, whatever their provider; no tenant can name a custom one', () => {
    type Models = Without<Vapi.CreateAssistantDtoModel, 'custom-llm'>;
    expectTypeOf<As<Assistant['model'], Models>>().toExtend<Vapi.CreateAssistantDtoModel>();
    expectTypeOf<Assistant['model']['messages'][number]>().toExtend<Vapi.OpenAiMessage>();
  });

  it('voices and transcribers, but those that need an address or an object of their own', () => {
    type Voices = Without<Vapi.CreateAssistantDtoVoice, 'custom-voice' | 'neuphonic'>;
    expectTypeOf<As<Assistant['voice'], Voices>>().toExtend<Vapi.CreateAssistantDtoVoice>();
    type Transcribers = Without<Vapi.CreateAssistantDtoTranscriber, 'custom-transcriber'>;
    type Given = NonNullable<Assistant['transcriber']>;
    expectTypeOf<As<Given, Transcribers>>().toExtend<Vapi.CreateAssistantDtoTranscriber>();
  });

  it('tools', () => {
    type Tools = NonNullable<Vapi.OpenAiModel['tools']>[number];
    expectTypeOf<FunctionTool>().toExtend<Tools>();
    expectTypeOf<ReturnType<typeof nativeTools>[number]>().toExtend<Tools>();
    expectTypeOf<VapiParameters>().toExtend<Vapi.OpenAiFunctionParameters>();
    expectTypeOf<VapiSchema>().toExtend<Vapi.JsonSchema>();
    expectTypeOf<Exclude<keyof VapiSchema, keyof Vapi.JsonSchema>>().toBeNever();
    expectTypeOf<Assistant['model']['tools'][number]>().toExtend<Tools>();
  });

  it('destinations', () => {
    expectTypeOf<
      ReturnType<typeof answerTransfer>
    >().toExtend<Vapi.ServerMessageResponseTransferDestinationRequest>();
    expectTypeOf<
      ReturnType<typeof toVapiDestination>
    >().toExtend<Vapi.ServerMessageResponseTransferDestinationRequestDestination>();
    expectTypeOf<
      ReturnType<typeof answerHandoff>
    >().toExtend<Vapi.ServerMessageResponseHandoffDestinationRequest>();
    // The response takes any object; what it is for is one of these (contract, section 4).
    expectTypeOf<ReturnType<typeof toHandoff>>().toExtend<Vapi.HandoffDestinationAssistant>();
  });

  it('the others', () => {
    expectTypeOf<{ results: ToolCallResult[] }>().toExtend<Vapi.ServerMessageResponseToolCalls>();
    expectTypeOf<
      ReturnType<typeof answerKnowledgeBase>
    >().toExtend<Vapi.ServerMessageResponseKnowledgeBaseRequest>();
    expectTypeOf<
      ReturnType<typeof answerEndpointing>
    >().toExtend<Vapi.ServerMessageResponseCallEndpointingRequest>();
    expectTypeOf<
      Awaited<ReturnType<typeof answerPredial>>
    >().toExtend<Vapi.ServerMessageResponseCampaignPredial>();
  });
});
