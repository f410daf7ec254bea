/**
 * Verdicts of the lexical engine on code and requirements that were not written for it: packages installed with
 * Gatehouse, as they are and with the evidence taken out, labelled by reading. Beside it a plain search for the words.
 */
import { LexicalEngine } from '../shared/audit/engines/lexical/lexicalEngine.ts';
import { type Verdict, verdicts } from '../shared/audit/verdict.ts';
import { conclude, type Judged, printTable, verdict as told } from './report.ts';
import { type Pair, readPairs } from './verdictsLabels.ts';

interface Outcome extends Pair {
  given: Verdict;
  /** A gap that counts at the gate. */
  verified: boolean;
  reason: string;
}

type Judge = (pair: Pair) => Promise<Pick<Outcome, 'given' | 'verified' | 'reason'>>;

const byEngine: Judge = async ({ requirement, files }) => {
  const { requirements } = await new LexicalEngine().assess(
    {
      files,
      designs: [{ path: 'design.md', text: `# Design\n\n- ${requirement}\n` }],
      question: undefined,
      skipped: [],
      unselected: {},
      secrets: [],
    },
    { signal: new AbortController().signal },
  );
  const [judged] = requirements;
  if (!judged) throw new Error(`no requirement was read out of: ${requirement}`);
  return { given: judged.verdict, verified: judged.verified, reason: judged.reason };
};

/** What a search for the words of a requirement would say: found where most of them stand anywhere. */
const byKeywords: Judge = async ({ requirement, files }) => {
  const text = files.map((file) => file.text.toLowerCase()).join('\n');
  const wanted = [...new Set(requirement.toLowerCase().match(/[a-z]{4,}/g) ?? [])];
  const share = wanted.filter((word) => text.includes(word)).length / Math.max(1, wanted.length);
  return {
    given: share >= 0.6 ? 'implemented' : 'missing',
    verified: true,
    reason: `${Math.round(share * 100)} %`,
  };
};

async function outcomesOf(pairs: readonly Pair[], judge: Judge): Promise<Outcome[]> {
  const outcomes: Outcome[] = [];
  for (const pair of pairs) outcomes.push({ ...pair, ...(await judge(pair)) });
  return outcomes;
}

const ratio = (part: number, whole: number) => (whole === 0 ? Number.NaN : part / whole);
const shown = (share: number) => (Number.isNaN(share) ? '-' : share.toFixed(2));

function scoreOf(outcomes: readonly Outcome[], verdict: Verdict) {
  const right = outcomes.filter(({ given, expected }) => given === verdict && expected === verdict).length;
  const given = outcomes.filter((outcome) => outcome.given === verdict).length;
  const expected = outcomes.filter((outcome) => outcome.expected === verdict).length;
  return { given, expected, precision: ratio(right, given), recall: ratio(right, expected) };
}

const gaps: ReadonlySet<Verdict> = new Set(['missing', 'partial', 'contradicted']);

/** Share of what is there that is called a gap of any kind, or only of those that count at the gate. */
function falseAlarms(outcomes: readonly Outcome[], onlyVerified = false): number {
  const there = outcomes.filter(({ expected }) => expected === 'implemented');
  const alarms = there.filter(({ given, verified }) => gaps.has(given) && (verified || !onlyVerified));
  return ratio(alarms.length, there.length);
}

/** Share of the gaps that are called a gap of some kind. */
function gapsFound(outcomes: readonly Outcome[]): number {
  const lacking = outcomes.filter(({ expected }) => gaps.has(expected));
  return ratio(lacking.filter(({ given }) => gaps.has(given)).length, lacking.length);
}

function printScores(title: string, engine: readonly Outcome[], keywords: readonly Outcome[]): void {
  const lines = verdicts.map((verdict) => {
    const own = scoreOf(engine, verdict);
    const plain = scoreOf(keywords, verdict);
    return [
      verdict,
      String(own.expected),
      String(own.given),
      shown(own.precision),
      shown(own.recall),
      shown(plain.precision),
      shown(plain.recall),
    ];
  });
  printTable(`${title}: ${engine.length} pairs`, [
    ['verdict', 'labelled', 'given', 'precision', 'recall', 'keywords: precision', 'recall'],
    ...lines,
  ]);
  console.log(
    `\nwhat is there and called a gap: ${shown(falseAlarms(engine))}, a sure one: ${shown(falseAlarms(engine, true))} (keywords ${shown(falseAlarms(keywords))}); gaps called a gap: ${shown(gapsFound(engine))} (keywords ${shown(gapsFound(keywords))})`,
  );
}

function goalsOf(name: string, outcomes: readonly Outcome[]): Judged[] {
  const { precision, recall } = scoreOf(outcomes, 'missing');
  return [
    { name: `${name}: precision of "missing"`, value: precision, is: '>=', goal: 0.8, unit: '' },
    { name: `${name}: recall of "missing"`, value: recall, is: '>=', goal: 0.6, unit: '' },
  ];
}

/** Measures, prints and judges; with `quick` the projects that were held out are left for a full run. */
export async function verdictsBench(quick: boolean): Promise<boolean> {
  const pairs = readPairs().filter(({ isHeldOut }) => !(quick && isHeldOut));
  const engine = await outcomesOf(pairs, byEngine);
  const keywords = await outcomesOf(pairs, byKeywords);
  const goals: Judged[] = [];
  for (const [title, isHeldOut] of [
    ['seen while the engine was built', false],
    ['held out', true],
  ] as const) {
    const own = engine.filter((outcome) => outcome.isHeldOut === isHeldOut);
    if (own.length === 0) continue;
    printScores(
      title,
      own,
      keywords.filter((outcome) => outcome.isHeldOut === isHeldOut),
    );
    goals.push(...goalsOf(title, own));
  }
  const wrong = engine.filter(({ given, expected }) => given !== expected);
  console.log(`\n${wrong.length} of ${engine.length} verdicts are other than their labels:`);
  for (const { project, requirement, expected, given, reason } of wrong)
    console.log(`- ${project}: ${requirement}\n    labelled ${expected}, given ${given}: ${reason}`);
  console.log();
  for (const goal of goals) console.log(`${goal.name}: ${shown(goal.value)} ${told(goal)}`);
  return conclude(goals);
}
