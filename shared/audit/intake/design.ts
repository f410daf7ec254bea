import { AppError } from '../../errors.ts';
import type { SourceFile } from '../sourceTree.ts';

/**
 * Where a file of the design is: in the tree under a path, sent along, or in a text that may be either, as JSON and
 * form fields have only one kind of text.
 */
export type DesignRef =
  | { kind: 'path'; path: string }
  | { kind: 'file'; path: string; text: string }
  | { kind: 'either'; given: string };

/** One that is known to be one or the other. */
export type SettledRef = Exclude<DesignRef, { kind: 'either' }>;

const withoutDot = (path: string) => path.replace(/^(?:\.\/)+/, '');

/** A text of one word that ends like a document is the name of one, mistyped perhaps. */
const documentPath = /^\S{1,1024}\.(?:md|mdx|rst|txt|adoc|asciidoc|html?)$/i;
export const isDocument = (path: string) => documentPath.test(path);

/** What can be the path of a file: texts of designs are longer, or have lines. */
export const couldBePath = (given: string) => given.length <= 1_024 && !given.includes('\n');

/** Paths among the references, those included that may turn out to be texts. */
export function pathsIn(refs: readonly DesignRef[]): string[] {
  return refs.flatMap((ref) => {
    if (ref.kind === 'path') return [ref.path];
    return ref.kind === 'either' && couldBePath(ref.given) ? [withoutDot(ref.given)] : [];
  });
}

/** Says of each reference whether it is a path, by the paths that are there. */
export function settleRefs(refs: readonly DesignRef[], isThere: (path: string) => boolean): SettledRef[] {
  let texts = 0;
  return refs.map((ref) => {
    if (ref.kind !== 'either') return ref;
    const path = withoutDot(ref.given);
    const isPath = couldBePath(ref.given) && (isThere(path) || isDocument(ref.given));
    if (isPath) return { kind: 'path', path };
    return { kind: 'file', path: ++texts === 1 ? 'design' : `design-${texts}`, text: ref.given };
  });
}

/** @throws AppError `design-not-found` for one without a word, `invalid-request` for one name twice. */
export function checkDesigns(designs: readonly SourceFile[]): readonly SourceFile[] {
  const empty = designs.find(({ text }) => text.trim() === '');
  if (empty)
    throw new AppError(
      'design-not-found',
      `The design "${empty.path.slice(0, 200)}" is empty. Send its text.`,
    );
  const paths = designs.map(({ path }) => path);
  const repeated = paths.find((path, i) => paths.indexOf(path) !== i);
  if (repeated !== undefined)
    throw new AppError(
      'invalid-request',
      `The design file "${repeated.slice(0, 200)}" is there twice. Send each once, under a name of its own.`,
    );
  return designs;
}
