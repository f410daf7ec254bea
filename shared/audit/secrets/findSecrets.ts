import type { Turns } from '../turns.ts';
import { bareRules, hasBareValues, quotedRules } from './assignments.ts';
import { azureRules } from './azureRules.ts';
import { commonRules } from './commonRules.ts';
import { findPrivateKeys } from './privateKeys.ts';
import { type Hit, matchRule, type SecretRule } from './rule.ts';
import { scanWithSecretlint } from './secretlintScan.ts';

const everywhere: readonly SecretRule[] = [...azureRules, ...commonRules, ...quotedRules];
const inSettings: readonly SecretRule[] = [...everywhere, ...bareRules];

/** Longest text a rule searches in one go, so that other work gets its turn. */
const longestStretch = 256 * 1024;
/** Longest secret that a cut between stretches may not hide. */
const overlap = 16 * 1024;

function* stretchesOf(text: string): Generator<[offset: number, stretch: string]> {
  if (text.length <= longestStretch) yield [0, text];
  else
    for (let at = 0; at < text.length; at += longestStretch - overlap)
      yield [at, text.slice(at, at + longestStretch)];
}

/** Hits in their order; of those that overlap the first, and of those at one place the longest. */
function withoutOverlaps(hits: Hit[]): Hit[] {
  const sorted = hits.sort((a, b) => a.start - b.start || b.end - a.end);
  let end = -1;
  return sorted.filter((hit) => {
    if (hit.start < end) return false;
    end = hit.end;
    return true;
  });
}

/** All secrets of a text, in their order. */
export async function findSecrets(path: string, text: string, turns: Turns): Promise<Hit[]> {
  const hits: Hit[] = [...findPrivateKeys(text)];
  for (const rule of hasBareValues(path) ? inSettings : everywhere) {
    if (!rule.triggers.some((trigger) => text.includes(trigger))) continue;
    for (const [offset, stretch] of stretchesOf(text)) {
      for (const hit of matchRule(rule, stretch))
        hits.push({ ...hit, start: hit.start + offset, end: hit.end + offset });
      await turns.giveWay();
    }
  }
  hits.push(...(await scanWithSecretlint(text, turns)));
  return withoutOverlaps(hits);
}
