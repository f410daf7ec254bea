import { z } from 'zod';
import { AppError } from '../../errors.ts';
import type { DesignRef } from './design.ts';
import type { GivenOptions } from './givenOptions.ts';
import { safePath } from './safePath.ts';

const texts = z.record(z.string(), z.string());
const scalar = z.union([z.string(), z.number(), z.boolean()]);

const jsonBody = z.looseObject({
  files: texts,
  /** The design's text or its path among the files, paths of several, or several with their texts. */
  hld: z
    .union(
      [z.string().min(1), z.array(z.string().min(1)), texts],
      'must be a text, a path, a list of paths or a map of texts',
    )
    .optional(),
  /** The baseline itself, or its path among the files. */
  baseline: z.union([z.string(), z.record(z.string(), z.unknown())]).nullish(),
});

export const howToSend =
  'Send `git archive --format=tar.gz HEAD` with content-type application/gzip and ?hld=path/of/the/design, or a multipart form with the parts tree and hld, or JSON {"files": {path: text}, "hld": text}.';

/** What a JSON body says, beside its options, which are given to `options`. */
export interface JsonRequest {
  files: ReadonlyMap<string, string>;
  refs: DesignRef[];
  baseline: { path: string } | { text: string } | undefined;
}

/** @throws AppError `invalid-request` that says which member is wrong. */
export function readJsonRequest(body: unknown, options: GivenOptions): JsonRequest {
  const parsed = jsonBody.safeParse(body);
  if (!parsed.success) {
    const faults = parsed.error.issues.map(
      (issue) => `${issue.path.join('.').slice(0, 120) || 'body'}: ${issue.message}`,
    );
    throw notARequest(faults.slice(0, 20));
  }
  const { files, hld, baseline, ...others } = parsed.data;
  for (const [name, value] of Object.entries(others)) giveOption(options, name, value);
  const refs = hld === undefined ? [] : toRefs(hld);
  if (typeof hld === 'string') options.give('hld', hld, ['files']);
  if (Array.isArray(hld)) for (const path of hld) options.give('hld', path, ['files']);
  return {
    files: new Map(Object.entries(files)),
    refs,
    baseline:
      typeof baseline === 'string'
        ? { path: safePath(baseline) }
        : baseline
          ? { text: JSON.stringify(baseline) }
          : undefined,
  };
}

function giveOption(options: GivenOptions, name: string, value: unknown): void {
  if (value === null || value === undefined) return;
  const values = z.union([scalar.transform((one) => [one]), z.array(scalar)]).safeParse(value);
  // A name that means nothing is told before its value.
  if (!values.success) {
    options.give(name, '', ['files']);
    throw notARequest([`${name.slice(0, 120)}: must be a text, a number, true or false, or a list of them`]);
  }
  for (const one of values.data) options.give(name, String(one), ['files']);
}

function toRefs(hld: string | string[] | Record<string, string>): DesignRef[] {
  if (typeof hld === 'string') return [{ kind: 'either', given: hld }];
  if (Array.isArray(hld)) return hld.map((path) => ({ kind: 'path', path: safePath(path) }));
  return Object.entries(hld).map(([path, text]) => ({ kind: 'file', path: safePath(path), text }));
}

function notARequest(errors: string[]): AppError {
  return new AppError('invalid-request', `The JSON is not an audit request. ${howToSend}`, {
    details: { errors },
  });
}
