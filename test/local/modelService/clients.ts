import OpenAI, { APIError, AzureOpenAI } from 'openai';
import { afterEach } from 'vitest';
import {
  type ModelService,
  type ModelServiceOptions,
  startModelService,
} from '../../../local/modelService/modelService.ts';

export interface Clients {
  service: ModelService;
  /** OpenAI's client on Azure's v1 API. */
  v1: OpenAI;
  /** OpenAI's client on OpenAI's own paths. */
  openAi: OpenAI;
  /** Azure's client, with deployments in the path. */
  azure: AzureOpenAI;
}

const started: ModelService[] = [];
afterEach(async () => {
  await Promise.all(started.splice(0).map((service) => service.stop()));
});

/** A service and the official clients for it, which never try again unless told. */
export async function startClients(options: ModelServiceOptions = {}, maxRetries = 0): Promise<Clients> {
  const service = await startModelService(options);
  started.push(service);
  const common = { apiKey: 'key', maxRetries };
  return {
    service,
    v1: new OpenAI({ ...common, baseURL: service.baseUrl }),
    openAi: new OpenAI({ ...common, baseURL: `${service.origin}/v1` }),
    azure: new AzureOpenAI({ ...common, endpoint: service.origin, apiVersion: '2025-04-01-preview' }),
  };
}

/** The error an official client throws. @throws Error where the call succeeds or fails otherwise. */
export async function errorOf(call: Promise<unknown>): Promise<APIError> {
  const outcome = await call.then(
    () => 'an answer',
    (error: unknown) => error,
  );
  if (outcome instanceof APIError) return outcome;
  throw new Error(`expected an API error, got ${String(outcome)}`);
}

export const hello = [{ role: 'user' as const, content: 'Hello' }];

/** Text of three tokens for each of `count` pairs of a word and a digit. */
export const prose = (count: number) => Array.from({ length: count }, (_, i) => `alpha ${i % 10}`).join(' ');
