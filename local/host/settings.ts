import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';

/** App settings by name, as `process.env` gives them to the app. */
export type Settings = Record<string, string | undefined>;

const schema = z.object({ Values: z.record(z.string(), z.string()).default({}) });

/**
 * `Values` of the app's `local.settings.json`; an absent file is an empty set.
 * @throws Error that names the file when it cannot be read as settings.
 */
export function readLocalSettings(dir: string): Settings {
  const path = join(dir, 'local.settings.json');
  if (!existsSync(path)) return {};
  const parsed = schema.safeParse(JSON.parse(readFileSync(path, 'utf8')));
  if (!parsed.success) throw new Error(`${path}: ${z.prettifyError(parsed.error)}`);
  return parsed.data.Values;
}

/** Replaces `%NAME%` by the setting of that name, as bindings may write queue names and schedules. */
export function resolveSetting(text: string, settings: Settings): string {
  return text.replace(/%([^%]+)%/g, (_, name: string) => {
    const value = settings[name];
    if (value === undefined) throw new Error(`"${text}" names the setting "${name}", which is not set`);
    return value;
  });
}
