import { Failure } from '../failure.ts';
import { didYouMean } from './suggest.ts';

/** The reports there are, and the file each is written to unless another is named. */
export const reportFiles = {
  json: 'audit.json',
  markdown: 'audit.md',
  tokens: 'token_usage_report.md',
  comment: 'audit-comment.md',
  sarif: 'audit.sarif',
  junit: 'audit.junit.xml',
  html: 'audit.html',
  github: 'audit.github.txt',
  azure: 'audit.azure.txt',
  baseline: 'baseline.json',
} as const;

export type ReportName = keyof typeof reportFiles;

/** A report that was asked for; the file `-` is standard output. */
export interface WantedReport {
  name: ReportName;
  file: string;
}

export const isReportName = (name: string): name is ReportName => Object.hasOwn(reportFiles, name);

/** Reads `NAME[=FILE]`, several by commas where no file is named; `none` alone for no report. @throws Failure */
export function readReports(given: readonly string[]): WantedReport[] {
  if (given.length === 0) return [{ name: 'tokens', file: reportFiles.tokens }];
  if (given.length === 1 && given[0] === 'none') return [];
  const wanted = given.flatMap((text) => (text.includes('=') ? [text] : text.split(','))).map(readReport);
  const twice = wanted.find(
    ({ file }, i) => file !== '-' && wanted.findIndex((other) => other.file === file) !== i,
  );
  if (twice) throw new Failure(`Two reports would be written to ${twice.file}. Name another file for one.`);
  if (wanted.filter(({ file }) => file === '-').length > 1)
    throw new Failure('Only one report can go to standard output. Name a file for the others.');
  return wanted;
}

function readReport(text: string): WantedReport {
  const [name = '', ...rest] = text.split('=');
  const known = Object.keys(reportFiles);
  const clean = name.trim();
  if (clean === 'none')
    throw new Failure(
      '--report none means no report, and stands alone. Leave it out where another is named.',
    );
  if (!isReportName(clean))
    throw new Failure(
      `There is no report "${clean}".${didYouMean(clean, known)} There are: ${known.join(', ')}.`,
    );
  const file = rest.join('=');
  if (rest.length > 0 && file === '') throw new Failure(`Name the file: --report ${clean}=FILE.`);
  return { name: clean, file: file || reportFiles[clean] };
}
