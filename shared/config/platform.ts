import { z } from 'zod';
import { megabytes, optionalText, text, url } from './fields.ts';

const levels = {
  DEBUG: 'debug',
  INFO: 'info',
  WARNING: 'warn',
  WARN: 'warn',
  ERROR: 'error',
  CRITICAL: 'error',
} as const;

export const platformSettings = z
  .object({
    LOG_LEVEL: text('INFO')
      .transform((s) => s.toUpperCase())
      .pipe(z.enum(Object.keys(levels) as (keyof typeof levels)[], 'must be DEBUG, INFO, WARNING or ERROR')),
    AzureWebJobsStorage: optionalText,
    AzureWebJobsStorage__blobServiceUri: url,
    AzureWebJobsStorage__queueServiceUri: url,
    AzureWebJobsStorage__tableServiceUri: url,
    AzureWebJobsStorage__clientId: optionalText,
    GATEHOUSE_MAX_BODY_MB: megabytes(64, 95),
    GATEHOUSE_MAX_JSON_MB: megabytes(8, 95),
  })
  .superRefine((s, context) => {
    const uris = [
      s.AzureWebJobsStorage__blobServiceUri,
      s.AzureWebJobsStorage__queueServiceUri,
      s.AzureWebJobsStorage__tableServiceUri,
    ];
    if (!s.AzureWebJobsStorage && !uris.every(Boolean)) {
      context.addIssue({
        code: 'custom',
        path: ['AzureWebJobsStorage'],
        message:
          'set a storage connection string, or all of AzureWebJobsStorage__blobServiceUri, __queueServiceUri and __tableServiceUri',
      });
    }
  });

/** Without storage there is nothing to be done; a wrong level of logs or size of bodies is no reason to stop. */
export const isStorage = (setting: string) => setting.startsWith('AzureWebJobsStorage');

export type PlatformConfig = ReturnType<typeof toPlatform>;

export function toPlatform(s: z.infer<typeof platformSettings>) {
  return {
    logLevel: levels[s.LOG_LEVEL],
    maxBody: { bytes: s.GATEHOUSE_MAX_BODY_MB, setting: 'GATEHOUSE_MAX_BODY_MB' },
    maxJson: { bytes: s.GATEHOUSE_MAX_JSON_MB, setting: 'GATEHOUSE_MAX_JSON_MB' },
    storage: s.AzureWebJobsStorage
      ? { connectionString: s.AzureWebJobsStorage }
      : {
          blobUri: s.AzureWebJobsStorage__blobServiceUri ?? '',
          queueUri: s.AzureWebJobsStorage__queueServiceUri ?? '',
          tableUri: s.AzureWebJobsStorage__tableServiceUri ?? '',
          clientId: s.AzureWebJobsStorage__clientId,
        },
  };
}
