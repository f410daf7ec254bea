import {
  anthropicBedrockModels,
  anthropicModels,
  azureLanguages,
  cartesiaVoiceModels,
  deepgramLanguages,
  deepgramTranscriberModels,
  deepgramVoices,
  elevenLabsVoiceModels,
  gladiaLanguages,
  googleLanguages,
  googleModels,
  groqModels,
  inworldVoices,
  isoLanguages,
  microsoftVoices,
  openAiLanguages,
  openAiModels,
  playhtVoiceModels,
  speechmaticsLanguages,
  talkscriberLanguages,
  xAiLanguages,
  xAiModels,
  xAiVoices,
} from './vapiVocabulary.ts';

/** What Vapi takes for one member: any text, or one of these. */
export type Choices = 'any' | readonly string[];

/** What Vapi takes from one provider's entry, of the members a tenant can name. */
export interface ProviderRules {
  /** Of any other member Vapi says that it should not exist. */
  takes: Readonly<Record<string, Choices>>;
  /** Members that must be there, also such as no tenant can name. */
  needs: readonly string[];
}

const any = 'any';

const rules = (takes: ProviderRules['takes'], needs: string): ProviderRules => ({
  takes,
  needs: needs.split(' ').filter(Boolean),
});
/** A model takes a temperature whatever its provider. */
const model = (choices: Choices, needs = 'model') => rules({ model: choices, temperature: any }, needs);
const voice = (voiceId: Choices, models?: Choices, needs = 'voiceId') =>
  rules({ voiceId, ...(models ? { model: models } : {}) }, needs);
const transcriber = (models: Choices | undefined, language: Choices | undefined, needs = '') =>
  rules({ ...(models ? { model: models } : {}), ...(language ? { language } : {}) }, needs);

/** Source: the unions `CreateAssistantDtoModel`, `…Voice` and `…Transcriber` of Vapi's SDK 2.0.1. */
export const vapiRules: Readonly<
  Record<'model' | 'voice' | 'transcriber', Readonly<Record<string, ProviderRules>>>
> = {
  model: {
    anthropic: model(anthropicModels),
    'anthropic-bedrock': model(anthropicBedrockModels),
    anyscale: model(any),
    cerebras: model(['llama3.1-8b']),
    'custom-llm': model(any, 'model url'),
    'deep-seek': model(['deepseek-chat', 'deepseek-reasoner']),
    deepinfra: model(any),
    google: model(googleModels),
    groq: model(groqModels),
    'inflection-ai': model(['inflection_3_pi']),
    minimax: model(['MiniMax-M2.7']),
    openai: model(openAiModels),
    openrouter: model(any),
    'perplexity-ai': model(any),
    'together-ai': model(any),
    vapi: model(any, ''),
    xai: model(xAiModels),
  },
  voice: {
    '11labs': voice(any, elevenLabsVoiceModels),
    azure: voice(any),
    cartesia: voice(any, cartesiaVoiceModels),
    'custom-voice': voice(any, undefined, 'server'),
    deepgram: voice(deepgramVoices, ['aura', 'aura-2']),
    hume: voice(any, ['octave', 'octave2']),
    inworld: voice(inworldVoices, ['inworld-tts-1']),
    lmnt: voice(any),
    microsoft: voice(microsoftVoices),
    minimax: voice(any, ['speech-02-hd', 'speech-02-turbo', 'speech-2.5-turbo-preview']),
    neuphonic: voice(any, ['neu_hq', 'neu_fast'], 'voiceId language'),
    openai: voice(any, ['tts-1', 'tts-1-hd', 'gpt-4o-mini-tts']),
    playht: voice(any, playhtVoiceModels),
    'rime-ai': voice(any, ['arcana', 'mistv2', 'mist']),
    sesame: voice(any, ['csm-1b'], 'voiceId model'),
    'smallest-ai': voice(any, ['lightning']),
    tavus: voice(any),
    vapi: voice(any),
    wellsaid: voice(any, ['caruso', 'legacy']),
    xai: voice(xAiVoices),
  },
  transcriber: {
    '11labs': transcriber(['scribe_v1', 'scribe_v2', 'scribe_v2_realtime'], isoLanguages),
    'assembly-ai': transcriber(undefined, ['multi', 'en']),
    azure: transcriber(undefined, azureLanguages),
    cartesia: transcriber(['ink-whisper', 'ink-2'], isoLanguages),
    'custom-transcriber': transcriber(undefined, undefined, 'server'),
    deepgram: transcriber(deepgramTranscriberModels, deepgramLanguages),
    gladia: transcriber(['fast', 'accurate', 'solaria-1'], gladiaLanguages),
    google: transcriber(googleModels, googleLanguages),
    openai: transcriber(['gpt-4o-transcribe', 'gpt-4o-mini-transcribe'], openAiLanguages, 'model'),
    soniox: transcriber(['stt-rt-v4', 'stt-rt-v5'], isoLanguages),
    speechmatics: transcriber(['default'], speechmaticsLanguages, 'customVocabulary'),
    talkscriber: transcriber(['whisper'], talkscriberLanguages),
    vapi: transcriber(undefined, isoLanguages),
    xai: transcriber(['default'], xAiLanguages),
  },
};
