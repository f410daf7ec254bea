import { createHash } from 'node:crypto';
import { packFile } from '../../packing/separatorFormat.ts';
import type { SourceFile } from '../../sourceTree.ts';

/** A file, or a piece of one too long for a prompt, with its tokens in the packed form. */
export interface CountedFile {
  file: SourceFile;
  tokens: number;
}

/** Files that go into one prompt together. */
export interface Part {
  files: readonly SourceFile[];
  tokens: number;
  /** SHA-256 of its packed form. */
  hash: string;
}

/** A part above half of the budget ends after about one file in so many. */
const oneIn = 8;

const hashOf = (text: string) => createHash('sha256').update(text).digest();

/**
 * Cuts a tree at file borders into parts of at most `budget` tokens; one part where all fits. Where a part ends is
 * decided by the path of the file it ends with, so that a change leaves the borders of other parts where they were.
 * A file that is larger than the budget alone comes in pieces of whole lines.
 */
export function cutIntoParts(files: readonly CountedFile[], budget: number): Part[] {
  const pieces = files.flatMap((counted) =>
    counted.tokens > budget ? piecesOf(counted, budget) : [counted],
  );
  const total = pieces.reduce((sum, { tokens }) => sum + tokens, 0);
  if (total <= budget) return pieces.length === 0 ? [] : [toPart(pieces)];
  const parts: Part[] = [];
  let open: CountedFile[] = [];
  let size = 0;
  const close = () => {
    if (open.length > 0) parts.push(toPart(open));
    open = [];
    size = 0;
  };
  for (const piece of pieces) {
    if (size + piece.tokens > budget) close();
    open.push(piece);
    size += piece.tokens;
    const endsHere = (hashOf(piece.file.path)[0] ?? 0) % oneIn === 0;
    if (size > budget / 2 && endsHere) close();
  }
  close();
  return parts;
}

function toPart(counted: readonly CountedFile[]): Part {
  const files = counted.map(({ file }) => file);
  return {
    files,
    tokens: counted.reduce((sum, { tokens }) => sum + tokens, 0),
    hash: hashOf(files.map(packFile).join('')).toString('hex'),
  };
}

/** Lines of about equal size, by the file's own ratio of tokens to characters; a line that is too long is cut itself. */
function piecesOf({ file, tokens }: CountedFile, budget: number): CountedFile[] {
  // A piece may have more tokens a character than its file: half of the budget leaves room for that.
  const longest = Math.max(1, Math.floor((file.text.length * budget) / tokens / 2));
  const pieces: string[] = [];
  let open = '';
  for (const line of file.text.split(/(?<=\n)/)) {
    if (open.length + line.length > longest && open !== '') {
      pieces.push(open);
      open = '';
    }
    open += line;
    for (; open.length > longest; open = open.slice(longest)) pieces.push(open.slice(0, longest));
  }
  if (open !== '') pieces.push(open);
  return pieces.map((text) => ({
    file: { path: file.path, text },
    tokens: Math.ceil((tokens * text.length) / file.text.length),
  }));
}
