import type { AuditConfig } from '../../config/audit.ts';
import type { ModelCalls } from '../../usage/modelCalls.ts';
import type { AuditEngine } from './engine.ts';
import { LexicalEngine } from './lexical/lexicalEngine.ts';

const azureScope = 'https://cognitiveservices.azure.com/.default';

/** What every call of a model goes through, and how long its answer may be. */
export interface ModelAccess {
  calls: ModelCalls;
  maxOutputTokens: number;
}

/** The engine the settings ask for; SDKs load only when they are needed. */
export async function createEngine(settings: AuditConfig, access: ModelAccess): Promise<AuditEngine> {
  const { azureOpenAi, openAiCompatible, deployment: model } = settings;
  if (azureOpenAi) {
    const { OpenAiEngine } = await import('./openAi/openAiEngine.ts');
    return new OpenAiEngine({
      name: 'azure-openai',
      baseUrl: azureBaseUrl(azureOpenAi.endpoint),
      apiKey: azureOpenAi.apiKey ?? (await azureToken()),
      model,
      ...access,
    });
  }
  if (openAiCompatible) {
    const { OpenAiEngine } = await import('./openAi/openAiEngine.ts');
    return new OpenAiEngine({
      name: 'openai-compatible',
      baseUrl: openAiCompatible.baseUrl,
      apiKey: openAiCompatible.apiKey ?? 'none',
      model,
      ...access,
    });
  }
  return new LexicalEngine();
}

/** A resource's endpoint as the base of its v1 API, which needs no `api-version`. */
export function azureBaseUrl(endpoint: string): string {
  return endpoint.replace(/\/+$/, '').replace(/(?:\/openai(?:\/v1)?)?$/, '/openai/v1');
}

async function azureToken(): Promise<() => Promise<string>> {
  const { DefaultAzureCredential, getBearerTokenProvider } = await import('@azure/identity');
  return getBearerTokenProvider(new DefaultAzureCredential(), azureScope);
}
