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

/** The archive alone, with the options in the address; or a form, where a file or a long text goes with it. */
export function makeSubmission({
  options,
  archive,
  designs,
  baseline,
  reports,
}: SubmissionFacts): Submission {
  const query = new URLSearchParams();
  if (reports.length > 0) query.set('reports', reports.join(','));
  if (options.estimate) query.set('estimate', 'true');
  const parts = partsOf(options, designs, baseline);
  const fields = parts.flatMap((part): [string, string][] =>
    'text' in part ? [[part.name, part.text]] : [],
  );
  const isShort = new URLSearchParams(fields).toString().length <= longestQuery;
  if (fields.length === parts.length && isShort) {
    for (const [name, value] of fields) query.append(name, value);
    return { query, contentType: 'application/gzip', body: archive };
  }
  // The service reads the tree as it arrives, by what it has been told before.
  const tree = { name: 'tree', filename: 'tree.tar.gz', type: 'application/gzip', content: archive };
  return { query, ...multipart([...parts, tree]) };
}

/** Everything but the tree, designs in the order they were given. */
function partsOf(options: Options, designs: readonly Document[], baseline: Document | undefined): Part[] {
  const { question, project, advice, failOn, maxTokens, maxCost, include, exclude } = options;
  const texts: [string, string | undefined][] = [
    ['question', question],
    ['project', project],
    ['advice', advice ? 'true' : undefined],
    ['failOn', failOn],
    ['maxTokens', maxTokens],
    ['maxCost', maxCost],
    ...include.map((glob): [string, string] => ['include', glob]),
    ...exclude.map((glob): [string, string] => ['exclude', glob]),
  ];
  return [
    ...designs.map((design) => documentPart('hld', design)),
    ...(baseline ? [documentPart('baseline', baseline)] : []),
    ...texts.flatMap(([name, text]) => (text === undefined ? [] : [{ name, text }])),
  ];
}

function documentPart(name: 'hld' | 'baseline', document: Document): Part {
  if (document.where === 'tree') return { name, text: document.path };
  const type = name === 'baseline' ? 'application/json' : 'text/plain; charset=utf-8';
  return { name, filename: document.name, type, content: document.content };
}
