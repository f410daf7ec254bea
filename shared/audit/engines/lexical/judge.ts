import { asStated, type Statement } from '../../design/statements.ts';
import type { Turns } from '../../turns.ts';
import { gapVerdicts, type Judged, type Verdict } from '../../verdict.ts';
import { byNames, type Checks } from './byNames.ts';
import { byWords } from './byWords.ts';
import type { Check, Reading, Tree } from './check.ts';
import { quote } from './evidence.ts';
import { concluded, inState, type Judgement, placesOf } from './judgement.ts';
import { checkList, checkRowField } from './listChecks.ts';
import { checkName } from './nameChecks.ts';
import { checkProhibition } from './prohibition.ts';
import { checkQuantities } from './quantityChecks.ts';
import { read } from './reading.ts';
import { checkRoute } from './routeChecks.ts';
import { checkValues } from './valueChecks.ts';

const longestAdvised = 80;

/**
 * Judges one statement: what it names is looked up, the rest is judged by where its words stand together. Gives way to
 * other work. @throws the signal's reason once it is aborted.
 */
export async function judge(
  statement: Statement,
  tree: Tree,
  advice: boolean,
  turns: Turns,
): Promise<Judged> {
  const { verdict, reason, places, verified } = await judgement(read(statement, tree), tree, turns);
  const showsNothing = verdict === 'missing' || verdict === 'not_assessable';
  return {
    ...asStated(statement),
    verdict,
    reason,
    evidence: showsNothing ? [] : quote(places, tree),
    verified,
    advice: advice && gapVerdicts.has(verdict) ? adviceFor(verdict, statement.requirement) : null,
  };
}

async function judgement(reading: Reading, tree: Tree, turns: Turns): Promise<Judgement> {
  await turns.giveWay();
  const forbidden = reading.statement.prohibits ? checkProhibition(reading, tree) : undefined;
  if (forbidden)
    return concluded(forbidden.state === 'contradicted' ? 'contradicted' : 'implemented', [forbidden]);
  const checks = await checksOf(reading, tree, turns);
  return byNames(checks, reading, tree) ?? byWords(checks, reading, tree);
}

async function checksOf(reading: Reading, tree: Tree, turns: Turns): Promise<Checks> {
  const { claims, statement } = reading;
  const field = checkRowField(reading, tree);
  // The name that a row of fields is about is looked for in its type, and nowhere else.
  const own = field ? statement.cells[0]?.text.replace(/[`*]/g, '').trim() : undefined;
  const firm: Check[] = claims.routes.map((claim) => checkRoute(claim, tree));
  const soft: Check[] = [];
  for (const claim of claims.names) {
    const check = claim.text === own ? undefined : checkName(claim, reading, tree);
    if (check) (claim.firm ? firm : soft).push(check);
    await turns.giveWay();
  }
  firm.push(...checkList(reading, tree), ...(field ? [field] : []));
  const near = placesOf(inState([...firm, ...soft], 'found'));
  const numbers = await checkQuantities(reading, tree, near, turns);
  return { firm, soft, numbers: [...numbers, ...checkValues(reading, tree)] };
}

function adviceFor(verdict: Verdict, requirement: string): string {
  const short =
    requirement.length > longestAdvised ? `${requirement.slice(0, longestAdvised - 1)}…` : requirement;
  if (verdict === 'contradicted')
    return `Decide which is right, the design or the code, and change the other: ${short}`;
  if (verdict === 'partial') return `Write what is lacking, or take it out of the design: ${short}`;
  return `Write it, or take it out of the design: ${short}`;
}
