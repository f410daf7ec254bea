import { AppError } from '../../errors.ts';
import { couldBePath, type DesignRef, isDocument } from './design.ts';
import { type FormPart, formParts } from './formParts.ts';
import { type GivenOptions, invalid } from './givenOptions.ts';
import { safePath } from './safePath.ts';
import { decodeSource } from './sourceText.ts';

/** What a form says, beside its options. */
export interface FormRequest {
  refs: DesignRef[];
  baseline: { path: string } | { text: string } | undefined;
}

type Tree = AsyncIterable<Uint8Array>;

const otherParts = ['tree'];
/** Fields without which the tree cannot be read. */
const needed: ReadonlySet<string> = new Set(['include', 'exclude']);

/** A path as sent, or the last part of one that tells of somebody's disk. */
function designPath(filename: string | undefined): string {
  const given = filename?.trim() || 'design';
  try {
    return safePath(given);
  } catch {
    return safePath(given.split(/[\\/]/).at(-1) || 'design');
  }
}

async function readText(name: string, content: AsyncIterable<Uint8Array>, most: number): Promise<string> {
  const gathered: Uint8Array[] = [];
  let length = 0;
  for await (const piece of content) {
    length += piece.length;
    if (length > most)
      throw invalid(
        `The part "${name}" is larger than ${most} bytes. Send less, or raise GATEHOUSE_AUDIT_MAX_FILE_MB.`,
      );
    gathered.push(piece);
  }
  const decoded = decodeSource(Buffer.concat(gathered));
  if (decoded.ok) return decoded.text;
  throw invalid(`The part "${name}" cannot be read: ${decoded.reason}. Send plain text in UTF-8.`);
}

/**
 * Reads a form: `tree`, an archive; `hld`, once or more, each a file of the design, its path in the tree or its text;
 * `baseline`, a file or a path; and the options as fields. The tree is handed on while it arrives, so what is needed to
 * read it, globs and the fields that name its files, must come before it.
 * @throws AppError that says what to send instead.
 */
export async function readFormRequest(
  pieces: AsyncIterable<Uint8Array>,
  contentType: string,
  options: GivenOptions,
  mostBytes: number,
  readTree: (tree: Tree, soFar: FormRequest) => Promise<void>,
): Promise<FormRequest> {
  const request: FormRequest = { refs: [], baseline: undefined };
  let hasTree = false;
  for await (const part of formParts(pieces, contentType)) {
    if (part.name === 'tree') {
      if (part.kind !== 'file') throw invalid('The part "tree" must be a file: curl -F tree=@tree.tar.gz');
      if (hasTree) throw invalid('The form has two parts "tree". Send one archive.');
      hasTree = true;
      await readTree(part.content, request);
    } else if (part.kind === 'file') await takeFile(part, request, mostBytes, options);
    else takeField(part, request, options, hasTree);
  }
  if (!hasTree)
    throw invalid(
      'The form has no part "tree". Send the source as an archive: curl -F tree=@tree.tar.gz -F hld=@docs/hld.md',
    );
  return request;
}

async function takeFile(
  { name, filename, content }: FormPart & { kind: 'file' },
  request: FormRequest,
  mostBytes: number,
  options: GivenOptions,
): Promise<void> {
  const text = await readText(name, content, mostBytes);
  if (name === 'hld') request.refs.push({ kind: 'file', path: designPath(filename), text });
  else if (name === 'baseline') setBaseline(request, { text });
  else options.give(name, text, otherParts);
}

/** Texts can, and so can paths of documents, which are kept of every tree in a form. */
const canComeLate = (hld: string) => !couldBePath(hld) || isDocument(hld);

function takeField(
  { name, text }: FormPart & { kind: 'field' },
  request: FormRequest,
  options: GivenOptions,
  hasTree: boolean,
): void {
  const isPath = name === 'baseline' && !text.trimStart().startsWith('{');
  const isNeeded = needed.has(name) || isPath || (name === 'hld' && !canComeLate(text));
  if (hasTree && isNeeded)
    throw new AppError(
      'invalid-request',
      `Put the field "${name}" before the part "tree", which is read as it arrives.`,
    );
  if (name === 'baseline') setBaseline(request, isPath ? { path: safePath(text) } : { text });
  else options.give(name, text, otherParts);
  if (name === 'hld') request.refs.push({ kind: 'either', given: text });
}

function setBaseline(request: FormRequest, baseline: NonNullable<FormRequest['baseline']>): void {
  if (request.baseline) throw invalid('"baseline" is given more than once. Give it once.');
  request.baseline = baseline;
}
