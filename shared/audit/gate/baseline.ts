import { z } from 'zod';
import { AppError } from '../../errors.ts';
import { findingKinds } from '../finding.ts';
import { worstGapFirst } from './gapVerdict.ts';
import { jsonFault } from './jsonFault.ts';

const common = {
  /** As the result of an audit gives it. */
  fingerprint: z
    .string()
    .regex(/^[0-9a-f]{16}$/, 'must be the 16 hex digits of a result')
    .describe('The fingerprint of the gap or finding, from the result of an audit'),
  reason: z.string().trim().min(1, 'must say why it is accepted').max(2_000).describe('Why it is accepted'),
  expires: z.iso
    .date('must be a date that exists, as YYYY-MM-DD')
    .optional()
    .describe('The last day (UTC) on which it is accepted'),
};

const acceptedGapSchema = z.strictObject({
  kind: z.literal('requirement').optional(),
  ...common,
  verdict: z
    .enum(worstGapFirst)
    .describe('The worst verdict that is accepted: contradicted is worse than missing, missing than partial'),
  requirement: z.string().describe('The words of the requirement, for whoever reads the file'),
});

const acceptedFindingSchema = z.strictObject({
  kind: z.enum(findingKinds),
  ...common,
  message: z.string().optional().describe('What was found, for whoever reads the file'),
});
export type AcceptedFinding = z.infer<typeof acceptedFindingSchema>;

export const baselineSchema = z.strictObject({
  $schema: z.string().optional(),
  version: z.literal(1),
  accepted: z.array(z.discriminatedUnion('kind', [acceptedGapSchema, acceptedFindingSchema])),
});
/** The gaps and findings a project has accepted, each with its reason. */
export type Baseline = z.infer<typeof baselineSchema>;
export type Accepted = Baseline['accepted'][number];

export const isFinding = (entry: Accepted): entry is AcceptedFinding =>
  entry.kind !== undefined && entry.kind !== 'requirement';

/** True from the day after the last on which an entry counts. */
export const hasExpired = ({ expires }: Pick<Accepted, 'expires'>, now: Date): boolean =>
  expires !== undefined && now.toISOString().slice(0, 10) > expires;

/** For editors, at `/api/schemas/baseline`. */
export function baselineJsonSchema(): object {
  const schema = z.toJSONSchema(baselineSchema, { io: 'input' });
  return { ...schema, title: 'Gaps and findings that a project has accepted' };
}

/**
 * Reads a baseline file.
 * @throws AppError `invalid-request` that says where it is not one.
 */
export function readBaseline(text: string): Baseline {
  const parsed = baselineSchema.safeParse(readJson(text));
  if (!parsed.success) throw malformed(parsed.error.issues.slice(0, mostFaults).map(faultOf).join('; '));
  const seen = new Map<string, number>();
  for (const [i, { fingerprint }] of parsed.data.accepted.entries()) {
    const first = seen.get(fingerprint);
    if (first !== undefined)
      throw malformed(`accepted[${i}].fingerprint is that of accepted[${first}] again`);
    seen.set(fingerprint, i);
  }
  return parsed.data;
}

const mostFaults = 5;

function readJson(given: string): unknown {
  const text = given.replace(/^\uFEFF/, '');
  const fault = jsonFault(text);
  if (fault) throw malformed(`it is no JSON from line ${fault.line}, column ${fault.column} on`);
  return JSON.parse(text);
}

function faultOf({ path, message }: z.core.$ZodIssue): string {
  const where = path.map((key) => (typeof key === 'number' ? `[${key}]` : `.${String(key)}`)).join('');
  return `${where.replace(/^\./, '') || 'the file'}: ${message}`;
}

const malformed = (what: string) =>
  new AppError(
    'invalid-request',
    `The baseline cannot be used: ${what}. Its form is at /api/schemas/baseline.`,
  );
