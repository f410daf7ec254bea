import type { AuditConfig } from '../../config/audit.ts';
import type { ModelCalls } from '../../usage/modelCalls.ts';
import type { Deployments } from '../../usage/prices/deployments.ts';
import { modelLimits } from '../../usage/prices/modelLimits.ts';
import { encodingFor } from '../tokens/encoding.ts';
import type { SectionCounts } from '../tokens/sectionCounts.ts';
import type { AuditEngine } from './engine.ts';
import { LexicalEngine } from './lexical/lexicalEngine.ts';

const azureScope = 'https://cognitiveservices.azure.com/.default';

/** What every call of a model goes through, and how long its answer may be. */
export interface ModelAccess {
  calls: ModelCalls;
  deployments: Deployments;
  sections: SectionCounts;
  maxOutputTokens: number;
  concurrency: number;
}

/** Where a model is, and how to speak to it. */
interface ModelPlace {
  name: 'azure-openai' | 'openai-compatible';
  baseUrl: string;
  apiKey: string | (() => Promise<string>);
  api: 'responses' | 'chat';
}

/** The engine the settings ask for; SDKs load only when they are needed. */
export async function createEngine(settings: AuditConfig, access: ModelAccess): Promise<AuditEngine> {
  const { azureOpenAi, openAiCompatible } = settings;
  if (azureOpenAi)
    return modelEngine(
      {
        name: 'azure-openai',
        baseUrl: azureBaseUrl(azureOpenAi.endpoint),
        apiKey: azureOpenAi.apiKey ?? (await azureToken()),
        api: 'responses',
      },
      settings,
      access,
    );
  if (openAiCompatible)
    return modelEngine(
      {
        name: 'openai-compatible',
        baseUrl: openAiCompatible.baseUrl,
        apiKey: openAiCompatible.apiKey ?? 'none',
        // Compatible servers know Chat Completions; some answer to the other address with something else.
        api: /^https:\/\/api\.openai\.com\//.test(openAiCompatible.baseUrl) ? 'responses' : 'chat',
      },
      settings,
      access,
    );
  return new LexicalEngine();
}

async function modelEngine(
  { name, baseUrl, apiKey, api }: ModelPlace,
  { deployment, tokenEncodings, effort, promptTokens }: AuditConfig,
  { calls, deployments, sections, maxOutputTokens, concurrency }: ModelAccess,
): Promise<AuditEngine> {
  const [{ ModelEngine }, { OpenAiClient }] = await Promise.all([
    import('./model/modelEngine.ts'),
    import('./openAi/openAiClient.ts'),
  ]);
  const limits = modelLimits(deployment, deployments);
  const most = Math.min(maxOutputTokens, limits.maxOutputTokens ?? maxOutputTokens);
  return new ModelEngine({
    name,
    baseUrl,
    model: deployment,
    modelName: limits.model,
    effort,
    client: new OpenAiClient({ baseUrl, apiKey, model: deployment, modelName: limits.model, api, effort }),
    calls,
    sections,
    encoding: encodingFor(deployment, tokenEncodings),
    promptTokens: promptTokens ?? promptBudget(limits, most),
    maxOutputTokens: most,
    concurrency,
  });
}

/** Requests with as much input or more cost twice as much a token, with every model that takes them. */
const priceCliff = 272_000;
/** Of a model nobody knows. */
const usualWindow = 128_000;
/** The service's own count may be this much above ours. */
const margin = 0.97;

/** Most tokens of a prompt that the model takes and that do not cost more each. */
export function promptBudget(
  { maxInputTokens }: { maxInputTokens: number | null },
  maxOutputTokens: number,
): number {
  const window = maxInputTokens ?? usualWindow;
  // Windows below the cliff are shared with the answer.
  const room = window < priceCliff ? window - maxOutputTokens : priceCliff - 1;
  return Math.max(2_000, Math.floor(room * margin));
}

/** A resource's endpoint as the base of its v1 API, which needs no `api-version`. */
export function azureBaseUrl(endpoint: string): string {
  return endpoint.replace(/\/+$/, '').replace(/(?:\/openai(?:\/v1)?)?$/, '/openai/v1');
}

async function azureToken(): Promise<() => Promise<string>> {
  const { DefaultAzureCredential, getBearerTokenProvider } = await import('@azure/identity');
  return getBearerTokenProvider(new DefaultAzureCredential(), azureScope);
}
