import type { Deployments } from './deployments.ts';
import { knownModel } from './modelName.ts';
import type { PriceData } from './modelPrice.ts';
import { priceData } from './priceData.ts';

/** How much a deployment's model takes and gives in one call; null where nobody says. */
export interface ModelLimits {
  /** Best known name of the model. */
  model: string;
  maxInputTokens: number | null;
  maxOutputTokens: number | null;
}

/** Provisioned deployments refuse longer prompts, whatever the model. */
const mostProvisioned = 128_000;

/** The limits of the model the setting names for a deployment, else of the one the deployment is named like. */
export function modelLimits(
  deployment: string,
  deployments: Deployments,
  data: PriceData = priceData,
): ModelLimits {
  const stated = Object.hasOwn(deployments, deployment) ? deployments[deployment] : undefined;
  const named = stated?.model ?? deployment;
  const model = knownModel(named, data) ?? named;
  const { maxInputTokens = null, maxOutputTokens = null } = Object.hasOwn(data, model)
    ? (data[model] ?? {})
    : {};
  const most = stated?.type === 'provisioned' ? mostProvisioned : undefined;
  return {
    model,
    maxInputTokens: most === undefined ? maxInputTokens : Math.min(most, maxInputTokens ?? most),
    maxOutputTokens,
  };
}
