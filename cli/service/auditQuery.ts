import type { Document } from '../archive/documents.ts';
import { multipart, type Part } from '../archive/multipart.ts';
import type { Options } from '../options/readOptions.ts';

/** Longer than this in an address is sent in the body: servers cut addresses off. */
const longestQuery = 2000;

/** What is sent with `POST /api/audit`. */
export interface Submission {
  query: URLSearchParams;
  contentType: string;
  body: Buffer;
}

export interface SubmissionFacts {
  options: Options;
  /** tar.gz. */
  archive: Buffer;
  designs: readonly Document[];
  baseline: Document | undefined;
  /** Names of the reports the answer is to carry. */
  reports: readonly string[];
}

/** The archive alone, or in a form with what is not in it. */
export function makeSubmission(facts: SubmissionFacts): Submission {
  const { options, archive, designs, baseline, reports } = facts;
  const fields = fieldsOf(options, designs, baseline);
  const files: Part[] = [
    ...designs.map((one) => filePart('hld', one)),
    filePart('baseline', baseline),
  ].filter((part) => part !== undefined);
  const query = new URLSearchParams();
  if (reports.length > 0) query.set('reports', reports.join(','));
  if (options.estimate) query.set('estimate', 'true');
  const isLong = new URLSearchParams(fields).toString().length > longestQuery;
  if (!isLong) for (const [name, value] of fields) query.append(name, value);
  if (files.length === 0 && !isLong) return { query, contentType: 'application/gzip', body: archive };
  const texts = isLong ? fields.map(([name, text]) => ({ name, text })) : [];
  const tree = { name: 'tree', filename: 'tree.tar.gz', type: 'application/gzip', content: archive };
  return { query, ...multipart([...texts, ...files, tree]) };
}

function fieldsOf(
  options: Options,
  designs: readonly Document[],
  baseline: Document | undefined,
): [string, string][] {
  const { question, project, advice, failOn, maxTokens, maxCost, include, exclude } = options;
  const inTree = designs.filter((design) => design.where === 'tree');
  const optional: [string, string | undefined][] = [
    ['question', question],
    ['project', project],
    ['advice', advice ? 'true' : undefined],
    ['failOn', failOn],
    ['baseline', baseline?.where === 'tree' ? baseline.path : undefined],
    ['maxTokens', maxTokens],
    ['maxCost', maxCost],
  ];
  return [
    ...inTree.map(({ path }): [string, string] => ['hld', path]),
    ...optional.filter((field): field is [string, string] => field[1] !== undefined),
    ...include.map((glob): [string, string] => ['include', glob]),
    ...exclude.map((glob): [string, string] => ['exclude', glob]),
  ];
}

function filePart(name: string, document: Document | undefined): Part | undefined {
  if (document?.where !== 'outside') return undefined;
  const type = name === 'baseline' ? 'application/json' : 'text/plain; charset=utf-8';
  return { name, filename: document.name, type, content: document.content };
}
