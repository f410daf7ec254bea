import { describe, expect, it } from 'vitest';
import { reportFormatNames, reportFormats } from '../../../shared/audit/report/formats.ts';
import { isOwnReport } from '../../../shared/audit/selection/ownReport.ts';
import { resultOf, sampleResult } from '../../support/auditResults.ts';

/** Whole pages, lists of cases and lines for a pipeline's log are not of a kind that counts as source. */
const notSource = new Set(['html', 'junit', 'github', 'azure']);

describe('isOwnReport', () => {
  it.each(reportFormatNames.filter((name) => !notSource.has(name)))('knows the %s of an audit', (name) => {
    expect(isOwnReport(reportFormats[name].write(sampleResult()))).toBe(true);
  });

  it('knows a result in one line', () => {
    expect(isOwnReport(JSON.stringify(sampleResult()))).toBe(true);
  });

  it.each([
    [
      'source that makes one',
      "export const write = () => JSON.stringify({ accepted: [], fingerprint: 'x' });",
    ],
    ['settings', '{"requirements": ["a"], "accepted": true}'],
    ['fingerprints of something else', '{"host": "a", "fingerprint": "0123456789abcdef"}'],
    [
      "another tool's SARIF",
      '{"$schema": "https://x/sarif-2.1.0.json", "runs": [{"tool": {"driver": {"name": "CodeQL"}}}]}',
    ],
    ['a document', '# Audits\n\nAn audit report says what is missing.'],
    ['nothing', ''],
  ])('takes %s for what it is', (_, text) => {
    expect(isOwnReport(text)).toBe(false);
  });

  it('knows a result without a requirement by nothing, and that shows nothing', () => {
    expect(isOwnReport(JSON.stringify(resultOf([])))).toBe(false);
  });
});
