import { AppError } from '../../errors.ts';
import { type Selection, unselectedReason } from '../selection.ts';
import type { AuditInput, SkippedFile, SourceFile } from '../sourceTree.ts';
import { safePath } from './safePath.ts';
import { checkText, type Decoded, decodeSource } from './sourceText.ts';

const longestQuestion = 4_000;
const mostShown = 20;

/** Collects the files of one upload, whatever form it came in, and makes the audit's input of them. */
export class TreeBuilder {
  readonly #selection: Selection;
  readonly #maxFileBytes: number;
  readonly #files: SourceFile[] = [];
  readonly #skipped: SkippedFile[] = [];
  readonly #seen = new Set<string>();
  readonly #documents: string[] = [];
  readonly #unselected = new Map<string, number>();

  constructor(selection: Selection, maxFileBytes: number) {
    this.#selection = selection;
    this.#maxFileBytes = maxFileBytes;
  }

  /** Notes a path of the tree. @throws AppError `unsafe-archive` for an unsafe or repeated one. */
  claim(given: string): string {
    const path = safePath(given);
    if (this.#seen.has(path))
      throw new AppError(
        'unsafe-archive',
        `The path "${path.slice(0, 100)}" is there twice. Send every file once.`,
      );
    this.#seen.add(path);
    if (/\.(md|mdx|rst|txt|adoc)$/i.test(path)) this.#documents.push(path);
    return path;
  }

  /** True for source; any other path is counted by what leaves it out. */
  wants(path: string): boolean {
    const reason = unselectedReason(path, this.#selection);
    if (reason === undefined) return true;
    this.#unselected.set(reason, (this.#unselected.get(reason) ?? 0) + 1);
    return false;
  }

  /** Takes a source file, or notes why it is left out. */
  add(path: string, content: Uint8Array | string): void {
    const decoded =
      this.#tooLarge(content) ?? (typeof content === 'string' ? checkText(content) : decodeSource(content));
    if (decoded.ok) this.#files.push({ path, text: decoded.text });
    else this.skip(path, decoded.reason);
  }

  skip(path: string, reason: string): void {
    this.#skipped.push({ path, reason });
  }

  #tooLarge(content: Uint8Array | string): Decoded | undefined {
    return content.length > this.#maxFileBytes
      ? { ok: false, reason: `larger than ${this.#maxFileBytes} bytes` }
      : undefined;
  }

  /** @throws AppError `design-not-found`, `empty-tree` or `invalid-request`. */
  finish(
    design: { path: string; content: Uint8Array | string | undefined },
    question: string | undefined,
  ): AuditInput {
    const files = this.#files
      .filter(({ path }) => path !== design.path)
      .sort((a, b) => (a.path < b.path ? -1 : 1));
    if (design.content === undefined) throw this.#designMissing(design.path);
    const text =
      typeof design.content === 'string' ? checkText(design.content) : decodeSource(design.content);
    if (!text.ok)
      throw new AppError(
        'invalid-request',
        `The design "${design.path}" cannot be read: ${text.reason}. Send Markdown or plain text in UTF-8.`,
      );
    if (text.text.trim() === '')
      throw new AppError('design-not-found', `The design "${design.path}" is empty.`);
    if (files.length === 0) throw this.#nothingToAudit();
    if (question !== undefined && question.length > longestQuestion) {
      throw new AppError(
        'invalid-request',
        `The question is longer than ${longestQuestion} characters. Shorten it.`,
      );
    }
    return {
      files,
      designs: [{ path: design.path, text: text.text }],
      question: question?.trim() || undefined,
      secrets: [],
      skipped: this.#skipped,
      unselected: Object.fromEntries([...this.#unselected].sort(([, a], [, b]) => b - a).slice(0, mostShown)),
    };
  }

  #designMissing(path: string): AppError {
    const found = this.#documents.slice(0, mostShown);
    const hint = found.length > 0 ? ` Documents in it: ${found.join(', ')}.` : '';
    return new AppError(
      'design-not-found',
      `The tree has no "${path.slice(0, 200)}". Name the High-Level Design by its path in the tree, for example docs/hld.md.${hint}`,
    );
  }

  #nothingToAudit(): AppError {
    const { extensions, excludedFolders } = this.#selection;
    return new AppError(
      'empty-tree',
      `The tree has no file ending in ${extensions.join(' ')} outside ${excludedFolders.join(', ')}. Send the source, or change GATEHOUSE_AUDIT_EXTENSIONS.`,
      { details: { skipped: this.#skipped.slice(0, mostShown) } },
    );
  }
}
