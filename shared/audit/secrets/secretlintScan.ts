import type { SecretLintCoreConfig } from '@secretlint/types';
import type { Turns } from '../turns.ts';
import type { Hit } from './rule.ts';

/**
 * How the tokens begin that secretlint knows. Only the surroundings of one are handed to it: its rules are many and
 * some look far ahead.
 */
const trigger =
  /xox[a-z]-|xapp-|hooks\.slack\.com|sk-(?:proj|svcacct|admin|ant)-|T3BlbkFJ|gsk_|hf_[A-Za-z]|lin_api_|ntn_\d|SG\.\w|shp(?:pa|ca|at|ss)_|[rs]k_(?:live|test)_|gh[opusr]_|github_pat_|glpat-|glc_|glsa_|ops_ey|hv[sbr]\.|vc[piark]_|dapi[A-Fa-f0-9]|dckr_pat_|figd_|cf(?:k|ut|at)_|tskey-|npm_\w|_authToken=|x-oauth-basic/g;
const before = 300;
const after = 2_000;
/** Longest text in one go, so that other work gets its turn. */
const longest = 32_768;
const overlap = after;

/**
 * Left out of the preset: what lets a comment in the source switch all of it off, and those whose secrets our own rules
 * find more exactly (only the password of an address, not the address; keys of any length).
 */
const notUsed = /-(?:filter-comments|gcp|privatekey|basicauth|database-connection-string|aws)$/;

interface Secretlint {
  lintSource: typeof import('@secretlint/core').lintSource;
  config: SecretLintCoreConfig;
}

let loading: Promise<Secretlint> | undefined;

async function load(): Promise<Secretlint> {
  const [{ lintSource }, { rules }, { secretLintProfiler }] = await Promise.all([
    import('@secretlint/core'),
    import('@secretlint/secretlint-rule-preset-recommend'),
    import('@secretlint/profiler'),
  ]);
  // It notes every rule of every text, and keeps its notes.
  secretLintProfiler.setEnabled(false);
  const used = rules.filter(({ meta }) => !notUsed.test(meta.id));
  return { lintSource, config: { rules: used.map((rule) => ({ id: rule.meta.id, rule, options: {} })) } };
}

/** Stretches around triggers, none longer than what is searched in one go. */
function* stretches(text: string): Generator<[start: number, end: number]> {
  let [start, end] = [-1, -1];
  for (const { index } of text.matchAll(trigger)) {
    const [from, to] = [Math.max(0, index - before), Math.min(text.length, index + after)];
    if (start >= 0 && from <= end && to - start <= longest) {
      end = to;
      continue;
    }
    if (start >= 0) yield [start, end];
    start = start >= 0 && from <= end ? Math.max(from, end - overlap) : from;
    end = to;
  }
  if (start >= 0) yield [start, end];
}

/** The secret in what a rule reports, which may be a whole assignment. */
function secretIn(reported: string): [from: number, to: number] {
  const assigned = /^[^=]{0,100}=\s{0,8}["']?([^"'\s]{8,})["']?\s{0,8}$/d.exec(reported)?.indices?.[1];
  return assigned ?? [0, reported.length];
}

/** What secretlint finds in a text; loaded when there is something to look at. */
export async function scanWithSecretlint(text: string, turns: Turns): Promise<Hit[]> {
  const hits: Hit[] = [];
  for (const [start, end] of stretches(text)) {
    loading ??= load();
    const { lintSource, config } = await loading;
    const { messages } = await lintSource({
      source: { content: text.slice(start, end), filePath: 'source', ext: '', contentType: 'text' },
      options: { config, noPhysicFilePath: true },
    });
    for (const { ruleId, range } of messages) {
      const [from, to] = secretIn(text.slice(start + range[0], start + range[1]));
      const rule = ruleId.replace(/^.*secretlint-rule-/, '');
      hits.push({
        rule,
        what: `a secret of ${rule}`,
        start: start + range[0] + from,
        end: start + range[0] + to,
      });
    }
    await turns.giveWay();
  }
  return hits;
}
