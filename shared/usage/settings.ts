import { z } from 'zod';
import { whole } from '../config/fields.ts';
import { deploymentsSetting } from './prices/deployments.ts';

export const usageSettings = z.object({
  GATEHOUSE_DEPLOYMENTS: deploymentsSetting,
  GATEHOUSE_USAGE_RETENTION_DAYS: whole(30, 1, 3_650),
  GATEHOUSE_MODEL_CONCURRENCY: whole(4, 1, 1_000),
  GATEHOUSE_MODEL_MAX_OUTPUT_TOKENS: whole(16_384, 256, 1_000_000),
  GATEHOUSE_MODEL_ATTEMPTS: whole(3, 1, 10),
});

export type UsageConfig = ReturnType<typeof toUsage>;

export function toUsage(s: z.infer<typeof usageSettings>) {
  return {
    deployments: s.GATEHOUSE_DEPLOYMENTS,
    retentionDays: s.GATEHOUSE_USAGE_RETENTION_DAYS,
    model: {
      concurrency: s.GATEHOUSE_MODEL_CONCURRENCY,
      maxOutputTokens: s.GATEHOUSE_MODEL_MAX_OUTPUT_TOKENS,
      attempts: s.GATEHOUSE_MODEL_ATTEMPTS,
    },
  };
}
