import { contentHash } from '../contentHash.ts';
import type { Finding } from '../finding.ts';
import { fingerprintOf } from '../fingerprint.ts';
import type { SourceFile } from '../sourceTree.ts';
import type { Turns } from '../turns.ts';
import { hasBareValues } from './assignments.ts';
import { findSecrets } from './findSecrets.ts';
import type { Hit } from './rule.ts';
import { ScanMemory } from './scanMemory.ts';

export interface Redacted {
  files: SourceFile[];
  findings: Finding[];
}

const mostFindings = 500;
/** What is redacted can lay open what stood beside it; a few rounds find all there is. */
const mostRounds = 4;

const memory = new ScanMemory();

/** In place of a secret: its rule, and as many line ends as it had. */
function markOf(rule: string, secret: string): string {
  return `[REDACTED:${rule}]${'\n'.repeat(secret.split('\n').length - 1)}`;
}

function replaceHits(text: string, hits: readonly Hit[]): string {
  const pieces: string[] = [];
  let end = 0;
  for (const { rule, start, end: hitEnd } of hits) {
    pieces.push(text.slice(end, start), markOf(rule, text.slice(start, hitEnd)));
    end = hitEnd;
  }
  pieces.push(text.slice(end));
  return pieces.join('');
}

/** Round by round what is redacted in a text; none for most. What was scanned lately is remembered by its content. */
async function roundsOf(file: SourceFile, turns: Turns): Promise<readonly (readonly Hit[])[]> {
  const { path, text } = file;
  const key = `${hasBareValues(path) ? 'settings' : 'source'} ${contentHash(file)}`;
  const known = memory.get(key);
  if (known) return known;
  const rounds: Hit[][] = [];
  for (let current = text; rounds.length < mostRounds; ) {
    const hits = await findSecrets(path, current, turns);
    if (hits.length === 0) break;
    rounds.push(hits);
    current = replaceHits(current, hits);
  }
  memory.put(key, rounds);
  return rounds;
}

/** The first findings of one file, the hits of a round in order of their places. */
function toFindings(
  path: string,
  text: string,
  rounds: readonly (readonly Hit[])[],
  most: number,
): Finding[] {
  const findings: Finding[] = [];
  const counts = new Map<string, number>();
  let current = text;
  for (const hits of rounds) {
    let [line, at] = [1, 0];
    for (const { rule, what, start } of hits.slice(0, most - findings.length)) {
      for (
        let next = current.indexOf('\n', at);
        next !== -1 && next < start;
        next = current.indexOf('\n', at)
      ) {
        line++;
        at = next + 1;
      }
      const nth = counts.get(rule) ?? 0;
      counts.set(rule, nth + 1);
      const message = `Here stood ${what}. It was redacted before anything read it; revoke it and keep it out of the source.`;
      const fingerprint = fingerprintOf('secret', rule, path, String(nth));
      findings.push({ kind: 'secret', rule, severity: 'high', message, file: path, line, fingerprint });
    }
    current = replaceHits(current, hits);
  }
  return findings;
}

/** Names of files without the secrets in them, each still different from all others. */
export async function redactPaths(paths: readonly string[], turns: Turns): Promise<string[]> {
  const all = { path: '', text: paths.join('\n') };
  const rounds = await roundsOf(all, turns);
  if (rounds.length === 0) return [...paths];
  const redacted = rounds.reduce(replaceHits, all.text).split('\n');
  const taken = new Set<string>();
  return redacted.map((path) => {
    let name = path;
    for (let n = 2; taken.has(name); n++) name = `${path}~${n}`;
    taken.add(name);
    return name;
  });
}

/**
 * Replaces the secrets of files, and of their names, by `[REDACTED:rule]`, line for line: every other line stays what
 * and where it was. Nothing in a file can switch it off, and what is redacted once stays as it is. The fingerprint of a
 * finding tells rule, file and which one it is, nothing of the secret.
 */
export async function redactSecrets(files: readonly SourceFile[], turns: Turns): Promise<Redacted> {
  const paths = await redactPaths(
    files.map(({ path }) => path),
    turns,
  );
  const redacted: SourceFile[] = [];
  const findings: Finding[] = [];
  let more = 0;
  for (const [i, file] of files.entries()) {
    const path = paths[i] ?? file.path;
    const rounds = await roundsOf(file, turns);
    const isSame = rounds.length === 0 && path === file.path;
    redacted.push(isSame ? file : { path, text: rounds.reduce(replaceHits, file.text) });
    const shown = toFindings(path, file.text, rounds, mostFindings - findings.length);
    findings.push(...shown);
    more += rounds.flat().length - shown.length;
    await turns.giveWay();
  }
  const last = findings.at(-1);
  if (more > 0 && last)
    findings[findings.length - 1] = { ...last, message: `${last.message} So were ${more} more after it.` };
  return { files: redacted, findings };
}
