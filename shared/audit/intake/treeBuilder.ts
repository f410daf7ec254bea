import type { AuditConfig } from '../../config/audit.ts';
import { AppError } from '../../errors.ts';
import { IgnoreFiles, ignoreFileName } from '../selection/ignoreFiles.ts';
import { machineMade } from '../selection/machineMade.ts';
import { isOwnReport } from '../selection/ownReport.ts';
import { Selection } from '../selection/selection.ts';
import type { SkippedFile, SourceFile } from '../sourceTree.ts';
import type { Turns } from '../turns.ts';
import { checkDesigns, type DesignRef, isDocument, pathsIn, type SettledRef, settleRefs } from './design.ts';
import { LeftOut } from './leftOut.ts';
import type { Share } from './memoryRoom.ts';
import { safePath } from './safePath.ts';
import { checkText } from './sourceText.ts';
import { type KeptText, keptText, TextStore } from './textStore.ts';
import { wrappingFolder } from './topFolder.ts';

export type TreeSettings = Pick<AuditConfig, 'extensions' | 'excludedFolders' | 'limits'>;

/** Of an upload, what is known before its tree is read. */
export interface TreeWishes {
  include: readonly string[];
  exclude: readonly string[];
  /** Paths of files that are wanted whatever they are: designs, the baseline. */
  named: readonly string[];
  /** Whether it is an archive, which may be wrapped in a folder. */
  isArchive: boolean;
  /** Whether the design may yet be named: documents are then kept. */
  keepsDocuments?: boolean;
}

export interface Tree {
  /** Sorted by path, by code unit. */
  files: SourceFile[];
  designs: readonly SourceFile[];
  baseline: string | undefined;
  skipped: SkippedFile[];
  unselected: Record<string, number>;
}

const mostShown = 20;
const nameOf = (path: string) => path.slice(path.lastIndexOf('/') + 1);
const byPath = (a: SourceFile, b: SourceFile) => (a.path < b.path ? -1 : 1);

/** Collects the files of one upload, whatever form it came in, and makes of them what is audited. */
export class TreeBuilder {
  readonly #settings: TreeSettings;
  readonly #wishes: TreeWishes;
  readonly #selection: Selection;
  readonly #share: Share | undefined;
  readonly #texts = new TextStore();
  /** Every path, with its text where it was read, or why it could not be. */
  readonly #seen = new Map<string, KeptText | undefined>();
  #held = 0;

  /** @throws AppError `invalid-request` for globs that cannot be right. */
  constructor(settings: TreeSettings, wishes: TreeWishes, share?: Share) {
    const { include, exclude } = wishes;
    this.#settings = settings;
    this.#wishes = wishes;
    this.#selection = new Selection({ ...settings, include, exclude });
    this.#share = share;
  }

  /** Notes a path of the tree. @throws AppError `unsafe-archive` for an unsafe or repeated one. */
  claim(given: string): string {
    const path = safePath(given);
    if (this.#seen.has(path))
      throw new AppError(
        'unsafe-archive',
        `The path "${path.slice(0, 100)}" is there twice. Send every file once.`,
      );
    this.#seen.set(path, undefined);
    return path;
  }

  /** Whether the content of a file matters, as it stands or below a folder that is taken off later. */
  wants(path: string): boolean {
    const inner = path.slice(path.indexOf('/') + 1);
    return this.#wantsAs(path) || (inner !== path && this.#wantsAs(inner));
  }

  #wantsAs(path: string): boolean {
    return (
      this.#wishes.named.includes(path) ||
      nameOf(path) === ignoreFileName ||
      (this.#wishes.keepsDocuments === true && isDocument(path)) ||
      this.#selection.unselectedReason(path) === undefined
    );
  }

  /** Takes a file's content. Gives a promise only where memory has to be waited for. */
  add(path: string, content: Uint8Array | string): Promise<void> | undefined {
    const kept = this.#keep(content);
    this.#seen.set(path, kept);
    if (!kept.ok) return undefined;
    this.#held += kept.bytes;
    return this.#share?.hold(this.#held);
  }

  #keep(content: Uint8Array | string): KeptText {
    if (content.length > this.#settings.limits.fileBytes) return this.#tooLarge();
    return typeof content === 'string' ? keptText(checkText(content)) : this.#texts.keep(content);
  }

  #tooLarge(): KeptText {
    return { ok: false, reason: `larger than ${this.#settings.limits.fileBytes} bytes` };
  }

  addTooLarge(path: string): void {
    this.#seen.set(path, this.#tooLarge());
  }

  /** @throws AppError `design-not-found`, `empty-tree` or `invalid-request`. */
  async finish(refs: readonly DesignRef[], baselinePath: string | undefined, turns: Turns): Promise<Tree> {
    this.#texts.seal();
    this.#share?.lower(this.#held);
    this.#unwrap(refs, baselinePath);
    const settled = settleRefs(refs, (path) => this.#seen.has(path));
    const designs = checkDesigns(settled.map((ref) => this.#design(ref)));
    const baseline = baselinePath === undefined ? undefined : this.#baseline(baselinePath);
    const apart = new Set([
      ...designs.map(({ path }) => path),
      ...(baselinePath === undefined ? [] : [baselinePath]),
    ]);
    const leftOut = new LeftOut();
    const files = await this.#choose(apart, leftOut, turns);
    if (files.length === 0) throw this.#nothingToAudit(leftOut);
    this.#seen.clear();
    const { skipped, unselected } = leftOut;
    return { files: files.sort(byPath), designs, baseline, skipped, unselected };
  }

  /** Takes off the folder that the host of a repository wrapped the tree in. */
  #unwrap(refs: readonly DesignRef[], baselinePath: string | undefined): void {
    if (!this.#wishes.isArchive) return;
    const named = pathsIn(refs);
    const paths = new Set(this.#seen.keys());
    const folder = wrappingFolder(paths, baselinePath === undefined ? named : [...named, baselinePath]);
    if (folder === undefined) return;
    const entries = [...this.#seen];
    this.#seen.clear();
    for (const [path, content] of entries) this.#seen.set(path.slice(folder.length), content);
  }

  async #choose(apart: ReadonlySet<string>, leftOut: LeftOut, turns: Turns): Promise<SourceFile[]> {
    const files: SourceFile[] = [];
    const ignoreFiles = [...this.#seen].flatMap(([path, kept]) =>
      kept?.ok && nameOf(path) === ignoreFileName ? [[path, kept.text()] as const] : [],
    );
    const ignored = new IgnoreFiles(ignoreFiles, this.#selection.effort);
    for (const [path, kept] of this.#seen) {
      await turns.giveWay();
      if (apart.has(path) || nameOf(path) === ignoreFileName) continue;
      const reason = this.#selection.unselectedReason(path);
      if (reason !== undefined) leftOut.count(reason);
      else if (!this.#selection.includes(path) && ignored.ignores(path)) leftOut.count(ignoreFileName);
      else if (!kept?.ok) leftOut.skip(path, kept?.reason ?? 'not read');
      else {
        const text = kept.text();
        const made = isOwnReport(text)
          ? 'result of an earlier audit'
          : this.#selection.includes(path)
            ? undefined
            : machineMade(path, text);
        if (made === undefined) files.push({ path, text });
        else leftOut.skip(path, made);
      }
    }
    return files;
  }

  #design(ref: SettledRef): SourceFile {
    const { path } = ref;
    const kept = ref.kind === 'file' ? this.#keep(ref.text) : this.#seen.get(path);
    if (!kept) throw this.#missing(path, 'design');
    if (kept.ok) return { path, text: kept.text() };
    const howTo = kept.reason.startsWith('larger')
      ? 'Send the design alone, or raise GATEHOUSE_AUDIT_MAX_FILE_MB.'
      : 'Send Markdown or plain text in UTF-8.';
    const shown = path.slice(0, 200);
    throw new AppError('invalid-request', `The design "${shown}" cannot be read: ${kept.reason}. ${howTo}`);
  }

  #baseline(path: string): string {
    const kept = this.#seen.get(path);
    if (!kept) throw this.#missing(path, 'baseline');
    if (kept.ok) return kept.text();
    throw new AppError(
      'invalid-request',
      `The baseline "${path.slice(0, 200)}" cannot be read: ${kept.reason}.`,
    );
  }

  #missing(path: string, what: 'design' | 'baseline'): AppError {
    const shown = path.slice(0, 200);
    if (what === 'baseline')
      return new AppError(
        'invalid-request',
        `The tree has no "${shown}". Name the baseline by its path in the tree, or send it as the form part "baseline".`,
      );
    const documents = [...this.#seen.keys()].filter(isDocument).slice(0, mostShown);
    const hint = documents.length > 0 ? ` Documents in it: ${documents.join(', ')}.` : '';
    return new AppError(
      'design-not-found',
      `The tree has no "${shown}". Name the High-Level Design by its path in the tree, for example docs/hld.md.${hint}`,
    );
  }

  #nothingToAudit(leftOut: LeftOut): AppError {
    const wanted =
      this.#wishes.include.length > 0
        ? `no readable file that include asks for. Correct include or exclude`
        : `no source file: all of it was left out, as listed. Send the source, name it with include, or change GATEHOUSE_AUDIT_EXTENSIONS`;
    return new AppError('empty-tree', `The tree has ${wanted}.`, {
      details: { skipped: leftOut.skipped.slice(0, mostShown), unselected: leftOut.unselected },
    });
  }
}
