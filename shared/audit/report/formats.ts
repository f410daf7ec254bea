import { toBaseline } from '../gate/toBaseline.ts';
import { toAzureAnnotations, toGithubAnnotations } from './annotations.ts';
import type { AuditResult } from './auditResult.ts';
import { toComment } from './comment.ts';
import { toHtml } from './html/page.ts';
import { toJunit } from './junit.ts';
import { toMarkdown } from './markdown.ts';
import { toSarif } from './sarif.ts';
import { toTokenMarkdown } from './tokenMarkdown.ts';

export interface ReportFormat {
  contentType: string;
  /** What a pipeline calls the file it writes. */
  fileName: string;
  write(result: AuditResult): string;
}

const markdown = 'text/markdown; charset=utf-8';
const text = 'text/plain; charset=utf-8';

/** Every form in which a result is told, all of them from one run. */
export const reportFormats = {
  json: {
    contentType: 'application/json',
    fileName: 'audit.json',
    write: (result) => `${JSON.stringify(result, null, 2)}\n`,
  },
  markdown: { contentType: markdown, fileName: 'audit.md', write: toMarkdown },
  tokens: { contentType: markdown, fileName: 'token_usage_report.md', write: toTokenMarkdown },
  comment: { contentType: markdown, fileName: 'audit-comment.md', write: toComment },
  sarif: { contentType: 'application/sarif+json', fileName: 'audit.sarif', write: toSarif },
  junit: { contentType: 'application/xml', fileName: 'audit.junit.xml', write: toJunit },
  github: { contentType: text, fileName: 'audit.github.txt', write: toGithubAnnotations },
  azure: { contentType: text, fileName: 'audit.azure.txt', write: toAzureAnnotations },
  html: { contentType: 'text/html; charset=utf-8', fileName: 'audit.html', write: toHtml },
  baseline: { contentType: 'application/json', fileName: 'baseline.json', write: writeBaseline },
} as const satisfies Record<string, ReportFormat>;

export type ReportFormatName = keyof typeof reportFormats;

export const reportFormatNames = Object.keys(reportFormats) as ReportFormatName[];

/** All that stands now, to be read through and given better reasons by whoever accepts it. */
function writeBaseline(result: AuditResult): string {
  const reason = `Stood when the baseline was made on ${result.date.slice(0, 10)}.`;
  return `${JSON.stringify(toBaseline(result, reason), null, 2)}\n`;
}
