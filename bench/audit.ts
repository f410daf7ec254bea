/** Audits: what is done before a model is asked, part by part. */
import { counting } from './auditCounting.ts';
import { conclude } from './report.ts';

export async function audit(quick: boolean): Promise<boolean> {
  return conclude([...(await counting(quick))]);
}
