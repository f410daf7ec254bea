import { z } from 'zod';
import { list, optionalText, whole } from '../config/fields.ts';
import { tryJson } from '../tryJson.ts';
import { sha256Pattern } from './manifest/manifest.ts';
import { readPublicKey, type TrustedKey } from './manifest/signing.ts';
import { isToolName } from './toolName.ts';

const keySchema = z.array(
  z.strictObject({
    keyId: z.string('must be a text').regex(/^[\w.-]{1,80}$/, 'must be 1 to 80 of A-Z, a-z, 0-9, ., - and _'),
    publicKey: z.string('must be a text'),
  }),
  'must be a JSON list of keys, each with keyId and publicKey',
);

const trustedKeys = optionalText.transform((text, context): TrustedKey[] => {
  const fail = (message: string) => {
    context.addIssue({ code: 'custom', message });
    return z.NEVER;
  };
  const parsed = keySchema.safeParse(text === undefined ? [] : tryJson(text));
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    return fail(`${issue?.path.length ? `${issue.path.join('.')}: ` : ''}${issue?.message}`);
  }
  const keys: TrustedKey[] = [];
  for (const { publicKey, ...rest } of parsed.data)
    try {
      keys.push({ ...rest, publicKey: readPublicKey(publicKey) });
    } catch {
      return fail(`${rest.keyId}: publicKey must be what \`npm run tools -- keys\` prints`);
    }
  return keys;
});

/** A hash as lists show it: it would deny nothing. */
const partOfHash = /^[0-9a-f]{12,63}$/;

export const toolSettings = z.object({
  GATEHOUSE_TOOL_KEYS: trustedKeys,
  GATEHOUSE_TOOLS: z.enum(['on', 'off'], 'must be on or off').default('on'),
  GATEHOUSE_TOOLS_POLL_S: whole(5, 1, 300),
  GATEHOUSE_TOOLS_DENY: list('').refine(
    (denied) => denied.every((one) => (isToolName(one) ? !partOfHash.test(one) : sha256Pattern.test(one))),
    'must be names of tools and whole hashes of 64 hexadecimal digits, separated by commas',
  ),
});

/** Settings of tools that are published while the app runs. Without a key nothing published is taken. */
export interface ToolsConfig {
  keys: readonly TrustedKey[];
  /** False: the kill switch, tools of the deployment alone. */
  isOn: boolean;
  pollMs: number;
  deny: readonly string[];
}

export function toTools(s: z.infer<typeof toolSettings>): ToolsConfig {
  return {
    keys: s.GATEHOUSE_TOOL_KEYS,
    isOn: s.GATEHOUSE_TOOLS === 'on',
    pollMs: s.GATEHOUSE_TOOLS_POLL_S * 1_000,
    deny: s.GATEHOUSE_TOOLS_DENY,
  };
}

const secretPrefix = 'GATEHOUSE_TOOL_SECRET_';

/** Secrets of tools, by the name after `GATEHOUSE_TOOL_SECRET_`. */
export function toolSecrets(env: Readonly<Record<string, string | undefined>>) {
  return (name: string): string | undefined => env[`${secretPrefix}${name}`] || undefined;
}
