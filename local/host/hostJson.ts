import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import type { Settings } from './settings.ts';

/** `hh:mm:ss` or `d.hh:mm:ss` (a .NET TimeSpan) in milliseconds. */
export function timeSpanMs(text: string): number {
  const parts = /^(?:(\d+)\.)?(\d+):([0-5]?\d):([0-5]?\d)(?:\.(\d{1,7}))?$/.exec(text.trim());
  if (!parts) throw new Error(`"${text}" is not a time span; write hh:mm:ss`);
  const [, days = '0', hours = '0', minutes = '0', seconds = '0', fraction = '0'] = parts;
  return (
    (((Number(days) * 24 + Number(hours)) * 60 + Number(minutes)) * 60 + Number(seconds)) * 1000 +
    Math.floor(Number(`0.${fraction}`) * 1000)
  );
}

const timeSpan = (fallback: string) => z.string().default(fallback).transform(timeSpanMs);

const schema = z.object({
  extensions: z
    .object({
      http: z
        .object({
          routePrefix: z.string().default('api'),
          maxOutstandingRequests: z.coerce.number().int().default(-1),
        })
        .prefault({}),
      queues: z
        .object({
          batchSize: z.coerce.number().int().min(1).max(32).default(16),
          newBatchThreshold: z.coerce.number().int().min(0).optional(),
          maxDequeueCount: z.coerce.number().int().min(1).default(5),
          visibilityTimeout: timeSpan('00:00:00'),
          /** A minute in Azure; nobody waits that long on their own machine. */
          maxPollingInterval: timeSpan('00:00:02'),
          messageEncoding: z.enum(['base64', 'none']).default('base64'),
        })
        .prefault({}),
    })
    .prefault({}),
});

export type HttpOptions = z.infer<typeof schema>['extensions']['http'];
export type QueueOptions = z.infer<typeof schema>['extensions']['queues'] & { newBatchThreshold: number };

const overridePrefix = 'AzureFunctionsJobHost__';

/** Applies settings such as `AzureFunctionsJobHost__extensions__queues__batchSize`, which win over the file. */
function override(config: Record<string, unknown>, settings: Settings): Record<string, unknown> {
  for (const [name, value] of Object.entries(settings)) {
    if (!name.startsWith(overridePrefix) || value === undefined) continue;
    const path = name.slice(overridePrefix.length).split('__');
    const last = path.pop() ?? '';
    let place = config;
    for (const part of path) {
      place[part] ??= {};
      place = place[part] as Record<string, unknown>;
    }
    place[last] = value;
  }
  return config;
}

/**
 * Reads the parts of `host.json` that a local host acts on; the genuine host's defaults fill the rest.
 * @throws Error that names the file and the wrong field.
 */
export function readHostJson(
  dir: string,
  settings: Settings = {},
): { http: HttpOptions; queues: QueueOptions } {
  const path = join(dir, 'host.json');
  if (!existsSync(path))
    throw new Error(`${path} is missing; a Functions app has a host.json in its root folder`);
  const file = JSON.parse(readFileSync(path, 'utf8')) as Record<string, unknown>;
  const parsed = schema.safeParse(override(file, settings));
  if (!parsed.success) throw new Error(`${path}: ${z.prettifyError(parsed.error)}`);
  const { http, queues } = parsed.data.extensions;
  return {
    http,
    queues: { ...queues, newBatchThreshold: queues.newBatchThreshold ?? Math.floor(queues.batchSize / 2) },
  };
}
