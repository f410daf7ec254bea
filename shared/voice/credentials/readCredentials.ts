import { z } from 'zod';
import type { Given, Section } from '../../config/section.ts';
import { tryJson } from '../../tryJson.ts';
import { type Credential, credentialSchema } from './credential.ts';
import { headerSecretFault } from './secretValue.ts';

/** Each is tried against every delivery. */
const mostCredentials = 16;
const example = '[{"type": "secret", "secrets": [{"env": "MY_VAPI_SECRET"}]}]';
const listSchema = z
  .array(z.looseObject({}), `must be a JSON array of credentials such as ${example}`)
  .max(mostCredentials, `must hold at most ${mostCredentials} credentials`);

type Read = { credential: Credential } | { faults: string[] };

function readOne(written: unknown, position: number, schema: ReturnType<typeof credentialSchema>): Read {
  const parsed = schema.safeParse(written);
  if (parsed.success) return { credential: parsed.data };
  const faults = parsed.error.issues.map(
    ({ path, message }) => `credential ${position}: ${[path.join('.'), message].filter(Boolean).join(' ')}`,
  );
  return { faults };
}

function readList(text: string): { list: Record<string, unknown>[] } | { fault: string } {
  const parsed = listSchema.safeParse(tryJson(text));
  if (parsed.success) return { list: parsed.data };
  const atTop = parsed.error.issues.find(({ path }) => path.length === 0);
  return { fault: atTop?.message ?? `must hold objects only, such as ${example}` };
}

/**
 * Every credential a delivery may carry.
 * @param text the setting `VAPI_WEBHOOK_CREDENTIALS`, a JSON array; undefined where it is not set.
 * @param secrets those of `VAPI_WEBHOOK_SECRET`; they become one credential of the type `secret`, the first.
 * @param given all settings, where `{"env": "NAME"}` is looked up.
 * @returns faults where anything is wrong: one credential that cannot be read makes the whole list wrong. They say what to
 * do and repeat no value.
 */
export function readCredentials(
  text: string | undefined,
  secrets: readonly string[],
  given: Given,
): Section<Credential[]> {
  const setting = 'VAPI_WEBHOOK_CREDENTIALS';
  const read = readList(text ?? '[]');
  if ('fault' in read) return { ok: false, problems: [{ setting, problem: read.fault }] };
  const schema = credentialSchema(given);
  const each = read.list.map((written, i) => readOne(written, i + 1, schema));
  const problems = [
    ...secrets
      .map(headerSecretFault)
      .filter((fault) => fault !== undefined)
      .map((fault) => ({ setting: 'VAPI_WEBHOOK_SECRET', problem: `each secret: ${fault}` })),
    ...each.flatMap((one) => ('faults' in one ? one.faults : [])).map((problem) => ({ setting, problem })),
  ];
  if (problems.length > 0) return { ok: false, problems };
  const own: Credential[] = secrets.length > 0 ? [{ type: 'secret', secrets: [...secrets] }] : [];
  return {
    ok: true,
    value: [...own, ...each.flatMap((one) => ('credential' in one ? [one.credential] : []))],
  };
}
