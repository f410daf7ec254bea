import { globSync, readdirSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname } from 'node:path';
import { z } from 'zod';
import type { SourceFile } from '../shared/audit/sourceTree.ts';
import { type Verdict, verdicts } from '../shared/audit/verdict.ts';
import { root } from '../test/support/process.ts';

const editSchema = z.object({
  file: z.string(),
  /** The file goes. */
  remove: z.literal(true).optional(),
  /** What stands there goes, up to `to` (which stays), or alone, with `with` in its place. */
  from: z.string().optional(),
  to: z.string().optional(),
  with: z.string().optional(),
  all: z.literal(true).optional(),
});
type Edit = z.infer<typeof editSchema>;

const projectSchema = z.object({
  /** Name of the package, installed with Gatehouse. */
  project: z.string(),
  /** Not looked at while the engine was built. */
  held_out: z.boolean(),
  files: z.array(z.string()),
  requirements: z.array(
    z.object({
      text: z.string(),
      /** What is true of the package as it is. */
      present: z.enum(verdicts),
      /** What is true once the evidence is taken out of it. */
      gone: z.object({ verdict: z.enum(verdicts), edits: z.array(editSchema) }).optional(),
    }),
  ),
});

/** A requirement, the code it is held against and what a reader found to be true of the two. */
export interface Pair {
  project: string;
  isHeldOut: boolean;
  requirement: string;
  files: readonly SourceFile[];
  expected: Verdict;
}

/** Every labelled pair of `bench/verdicts`. @throws where a package has changed so that an edit does not apply. */
export function readPairs(): Pair[] {
  const folder = `${root}bench/verdicts`;
  return readdirSync(folder)
    .filter((name) => name.endsWith('.json'))
    .sort()
    .flatMap((name) => pairsOf(projectSchema.parse(JSON.parse(readFileSync(`${folder}/${name}`, 'utf8')))));
}

function pairsOf({ project, held_out, files: globs, requirements }: z.infer<typeof projectSchema>): Pair[] {
  const files = filesOf(project, globs);
  return requirements.flatMap(({ text, present, gone }) => {
    const base = { project, isHeldOut: held_out, requirement: text };
    const pair: Pair = { ...base, files, expected: present };
    return gone ? [pair, { ...base, files: edited(files, gone.edits), expected: gone.verdict }] : [pair];
  });
}

function filesOf(project: string, globs: readonly string[]): SourceFile[] {
  const paths = createRequire(`${root}package.json`).resolve.paths(project) ?? [];
  for (const path of paths) {
    const cwd = `${path}/${project}`;
    const found = globSync([...globs], { cwd }).filter((file) => !file.startsWith('node_modules'));
    if (found.length > 0)
      return found.sort().map((file) => ({ path: file, text: readFileSync(`${cwd}/${file}`, 'utf8') }));
  }
  throw new Error(`${project} is not installed in ${dirname(root)}: run npm ci`);
}

/** The files with all edits made, in their order. @throws where one does not apply. */
export function edited(files: readonly SourceFile[], edits: readonly Edit[]): SourceFile[] {
  const texts = new Map(files.map(({ path, text }) => [path, text]));
  for (const edit of edits) {
    const text = texts.get(edit.file);
    if (text === undefined) throw new Error(`there is no ${edit.file}`);
    if (edit.remove) texts.delete(edit.file);
    else texts.set(edit.file, applied(text, edit));
  }
  return [...texts].map(([path, text]) => ({ path, text }));
}

function applied(text: string, { file, from = '', to, with: replacement = '', all }: Edit): string {
  const at = text.indexOf(from);
  if (from === '' || at < 0) throw new Error(`${file} has no ${JSON.stringify(from)}`);
  if (to === undefined)
    return all ? text.replaceAll(from, () => replacement) : text.replace(from, () => replacement);
  const end = text.indexOf(to, at + from.length);
  if (end < 0) throw new Error(`${file} has no ${JSON.stringify(to)} behind ${JSON.stringify(from)}`);
  return text.slice(0, at) + replacement + text.slice(end);
}
