import { z } from 'zod';
import { toolNamePattern, toolNameRule } from '../toolName.ts';

/** Largest bundle in bytes: a tool is a few functions, not a program. */
export const largestBundle = 1_048_576;
/** Largest manifest in bytes, as it is stored. */
export const largestManifest = 4_194_304;

/** A hash as it is written everywhere. */
export const sha256Pattern = /^[0-9a-f]{64}$/;
const sha256 = z.string().regex(sha256Pattern, 'must be a SHA-256 as 64 hexadecimal digits');
const toolName = z.string().regex(toolNamePattern, toolNameRule);
const label = (longest: number) =>
  z
    .string()
    .min(1)
    .max(longest)
    .regex(/^[\x21-\x7e]+( [\x21-\x7e]+)*$/, 'must be printable ASCII');
const hostName = z
  .string()
  .max(253)
  .regex(
    /^(?!-)[a-z0-9-]+(\.[a-z0-9-]+)+(:[0-9]{4,5})?$/,
    'must be a host in lower case, such as api.example.com or api.example.com:8443',
  );
const secretName = z
  .string()
  .regex(/^[A-Z][A-Z0-9_]{0,49}$/, 'must be 1 to 50 of A-Z, 0-9 and _, beginning with a letter');
const jsonSchema = z.record(z.string(), z.unknown());

/** One version of one tool as it is published. Everything a model is told, and everything it may reach, is signed. */
const entrySchema = z.strictObject({
  kind: z.enum(['http', 'code'], 'must be http or code'),
  /** The publisher's word for it: a version, a tag, a commit. */
  version: label(40),
  /** Of the bundle, which is stored under it. */
  sha256,
  /** Of the bundle, bytes. */
  size: z.int().min(1).max(largestBundle),
  publisher: label(80),
  publishedAt: z.iso.datetime(),
  description: z.string().trim().min(1).max(1_000),
  inputSchema: jsonSchema,
  outputSchema: jsonSchema.optional(),
  sideEffect: z.boolean(),
  /** Longest run. Vapi waits 20 s, a caller far less. */
  timeoutMs: z.int().min(100).max(15_000).default(5_000),
  /** Tenants that may have it; absent: all. */
  tenants: z.array(z.string().min(1).max(63)).min(1).max(1_000).optional(),
  /** Hosts it may talk to, over https. */
  hosts: z.array(hostName).max(20).default([]),
  /** Secrets it may have, by the name after `GATEHOUSE_TOOL_SECRET_`. */
  secrets: z.array(secretName).max(20).default([]),
});

const toolsSchema = z
  .record(toolName, entrySchema)
  .refine((tools) => Object.keys(tools).length <= 200, 'must hold at most 200 tools');

/** Everything that is published: what is not in it does not exist. Signed as a whole. */
export const manifestSchema = z.strictObject({
  schema: z.literal(1),
  /** Rises with every publication, a rollback included. */
  sequence: z.int().min(1),
  createdAt: z.iso.datetime(),
  /** After this nothing is loaded from it any more; what is live stays. */
  expiresAt: z.iso.datetime(),
  /** The sequence whose tools these are, where they were put back. */
  restores: z.int().min(1).optional(),
  /** Names and hashes that are not run whatever else it says. */
  deny: z
    .array(z.union([sha256, toolName]))
    .max(1_000)
    .default([]),
  tools: toolsSchema,
  /** What there is instead from a moment on: loaded before, so that all instances change together. */
  next: z.strictObject({ activeFrom: z.iso.datetime(), tools: toolsSchema }).optional(),
});

export type ToolEntry = z.infer<typeof entrySchema>;
export type Manifest = z.infer<typeof manifestSchema>;

export type Tools = Manifest['tools'];

/** The tools there are at a time, and those there will be; none where nothing is published. */
export function toolsAt(manifest: Manifest | undefined, now: Date): Pick<Manifest, 'tools' | 'next'> {
  const { tools, next } = manifest ?? { tools: {} };
  if (!next) return { tools };
  return Date.parse(next.activeFrom) > now.getTime() ? { tools, next } : { tools: next.tools };
}

/** Whether a name or a hash of an entry is on a list. */
export const isDenied = (name: string, { sha256 }: Pick<ToolEntry, 'sha256'>, deny: readonly string[]) =>
  deny.includes(name) || deny.includes(sha256);
