import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { readJsonFile } from '../jsonFile.ts';

/** App settings by name, as `process.env` gives them to the app. */
export type Settings = Record<string, string | undefined>;

const schema = z.object({
  Values: z.record(z.string(), z.string('must be text: put it in quotes')).default({}),
});

/** `Values` of a settings file. @throws Error that names the file and what is wrong with it. */
export function readSettingsFile(path: string): Settings {
  const parsed = schema.safeParse(readJsonFile(path));
  if (!parsed.success) throw new Error(`${path}:\n${z.prettifyError(parsed.error)}`);
  return parsed.data.Values;
}

/** Settings in the app's `local.settings.json`; an absent file is an empty set. @throws as {@link readSettingsFile}. */
export function readLocalSettings(dir: string): Settings {
  const path = join(dir, 'local.settings.json');
  return existsSync(path) ? readSettingsFile(path) : {};
}

/** Replaces `%NAME%` by the setting of that name, as bindings may write queue names and schedules. */
export function resolveSetting(text: string, settings: Settings): string {
  return text.replace(/%([^%]+)%/g, (_, name: string) => {
    const value = settings[name];
    if (value === undefined) throw new Error(`"${text}" names the setting "${name}", which is not set`);
    return value;
  });
}
