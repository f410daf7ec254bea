import type { Tenant } from '../tenants/tenant.ts';
import { deepgramVoices } from './deepgramVoices.ts';

/** Providers Vapi knows, by what they are for. Source: the unions of CreateAssistantDTO in Vapi's SDK 2.0.1. */
export const vapiProviders: Readonly<Record<'model' | 'voice' | 'transcriber', readonly string[]>> = {
  model: (
    'anthropic anthropic-bedrock anyscale cerebras custom-llm deep-seek deepinfra google groq inflection-ai minimax ' +
    'openai openrouter perplexity-ai together-ai vapi xai'
  ).split(' '),
  voice: (
    '11labs azure cartesia custom-voice deepgram hume inworld lmnt microsoft minimax neuphonic openai playht rime-ai ' +
    'sesame smallest-ai tavus vapi wellsaid xai'
  ).split(' '),
  transcriber: (
    '11labs assembly-ai azure cartesia custom-transcriber deepgram gladia google openai soniox speechmatics talkscriber ' +
    'vapi xai'
  ).split(' '),
};

/** One thing that is wrong, and where: `assistant.voice.voiceId`. */
export interface Fault {
  path: string;
  problem: string;
}

/** What Vapi would refuse in a tenant that is otherwise right: its callers would hear an error. */
export function vapiFaults({ assistant }: Tenant): Fault[] {
  const faults: Fault[] = [];
  for (const part of ['model', 'voice', 'transcriber'] as const) {
    const provider = assistant[part]?.provider;
    if (provider !== undefined && !vapiProviders[part].includes(provider))
      faults.push({
        path: `assistant.${part}.provider`,
        problem: `must be one of ${vapiProviders[part].join(', ')}`,
      });
  }
  const { voice } = assistant;
  if (voice?.provider === 'deepgram' && !deepgramVoices.has(voice.voiceId))
    faults.push({
      path: 'assistant.voice.voiceId',
      problem: 'is no Deepgram voice that Vapi offers; use for example hyperion or theia',
    });
  return faults;
}
