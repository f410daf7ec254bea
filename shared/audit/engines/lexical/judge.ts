import type { Statement } from '../../design/statements.ts';
import { gapVerdicts, type Judged, type Verdict } from '../../verdict.ts';
import { byNames, type Checks } from './byNames.ts';
import { byWords } from './byWords.ts';
import type { Reading, Tree } from './check.ts';
import { quote } from './evidence.ts';
import { concluded, inState, type Judgement, placesOf } from './judgement.ts';
import { checkList, checkRowField } from './listChecks.ts';
import { checkName } from './nameChecks.ts';
import { checkProhibition } from './prohibition.ts';
import { checkQuantities, checkValues } from './quantityChecks.ts';
import { read } from './reading.ts';
import { checkRoute } from './routeChecks.ts';

const longestAdvised = 80;

/** Judges one statement: what it names is looked up, the rest is judged by where its words stand together. */
export function judge(statement: Statement, tree: Tree, advice: boolean): Judged {
  const { verdict, reason, places, verified } = judgement(read(statement, tree), tree);
  const { id, requirement, obligation, design_file, design_line, section } = statement;
  const showsNothing = verdict === 'missing' || verdict === 'not_assessable';
  return {
    id,
    requirement,
    obligation,
    design_file,
    design_line,
    section,
    verdict,
    reason,
    evidence: showsNothing ? [] : quote(places, tree),
    verified,
    advice: advice && gapVerdicts.has(verdict) ? adviceFor(verdict, requirement) : null,
  };
}

function judgement(reading: Reading, tree: Tree): Judgement {
  const forbidden = reading.statement.prohibits ? checkProhibition(reading, tree) : undefined;
  if (forbidden)
    return concluded(forbidden.state === 'contradicted' ? 'contradicted' : 'implemented', [forbidden]);
  const checks = checksOf(reading, tree);
  return byNames(checks, reading, tree) ?? byWords(checks, reading, tree);
}

function checksOf(reading: Reading, tree: Tree): Checks {
  const { claims, statement } = reading;
  const field = checkRowField(reading, tree);
  // The name that a row of fields is about is looked for in its type, and nowhere else.
  const own = field ? statement.cells[0]?.text.replace(/[`*]/g, '').trim() : undefined;
  const names = claims.names
    .filter(({ text }) => text !== own)
    .map((claim) => ({ isFirm: claim.firm, check: checkName(claim, reading, tree) }));
  const checked = (isFirm: boolean) =>
    names.flatMap((name) => (name.check && name.isFirm === isFirm ? [name.check] : []));
  const firm = [
    ...claims.routes.map((claim) => checkRoute(claim, tree)),
    ...checked(true),
    ...checkList(reading, tree),
    ...(field ? [field] : []),
  ];
  const soft = checked(false);
  const near = placesOf(inState([...firm, ...soft], 'found'));
  return { firm, soft, numbers: [...checkQuantities(reading, tree, near), ...checkValues(reading, tree)] };
}

function adviceFor(verdict: Verdict, requirement: string): string {
  const short =
    requirement.length > longestAdvised ? `${requirement.slice(0, longestAdvised - 1)}…` : requirement;
  if (verdict === 'contradicted')
    return `Decide which is right, the design or the code, and change the other: ${short}`;
  if (verdict === 'partial') return `Write what is lacking, or take it out of the design: ${short}`;
  return `Write it, or take it out of the design: ${short}`;
}
