/** Audits: what is done before a model is asked, part by part, and an answer from the cache. */
import { cachedAnswers } from './auditCache.ts';
import { counting } from './auditCounting.ts';
import { intake } from './auditIntake.ts';
import { conclude } from './report.ts';

export async function audit(quick: boolean): Promise<boolean> {
  return conclude([...(await counting(quick)), ...(await intake(quick)), ...(await cachedAnswers(quick))]);
}
