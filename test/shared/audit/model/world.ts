import { afterEach } from 'vitest';
import { type ModelService, startModelService } from '../../../../local/modelService/modelService.ts';
import type { AnswerScript } from '../../../../local/modelService/reply.ts';
import type { DeploymentOptions } from '../../../../local/modelService/responder.ts';
import { createEngine } from '../../../../shared/audit/engines/createEngine.ts';
import type { AuditEngine } from '../../../../shared/audit/engines/engine.ts';
import { auditSettings, createModelAccess } from '../../../support/audit.ts';
import { askingOf, promptOf, type Script, scriptedModel } from '../../../support/scriptedModel.ts';

const started: ModelService[] = [];
afterEach(async () => {
  await Promise.all(started.splice(0).map((service) => service.stop()));
});

export interface World {
  engine: AuditEngine;
  service: ModelService;
  access: ReturnType<typeof createModelAccess>;
  /** Kinds of what was asked, in order. */
  asked(): string[];
}

export interface WorldOptions {
  /** Name of a model the stand-in knows. */
  model?: string;
  deployment?: string;
  env?: Record<string, string>;
  checks?: boolean;
  answer?: AnswerScript;
  deployments?: Record<string, DeploymentOptions>;
  access?: Parameters<typeof createModelAccess>[1];
}

/** An engine that asks a model which answers by a script, over HTTP and through the official client. */
export async function startWorld(script: Script, options: WorldOptions = {}): Promise<World> {
  const { model = 'gpt-4o', deployment = model, env = {}, checks = true } = options;
  const service = await startModelService({
    apiKey: 'key-1',
    deployments: { [deployment]: { model }, ...options.deployments },
    checks,
    answer: options.answer ?? scriptedModel(script),
  });
  started.push(service);
  const access = createModelAccess([], { env, ...options.access });
  const settings = auditSettings({
    AZURE_OPENAI_ENDPOINT: service.origin,
    AZURE_OPENAI_API_KEY: 'key-1',
    AZURE_DEPLOYMENT_NAME: deployment,
    ...env,
  });
  const engine = await createEngine(settings, access);
  const asked = () =>
    service.requests.flatMap(({ request, status }) => {
      const prompt = request && status === 200 ? promptOf(request) : undefined;
      return prompt ? [askingOf(prompt)] : [];
    });
  return { engine, service, access, asked };
}
