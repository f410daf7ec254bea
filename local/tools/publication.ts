import { type Manifest, type ToolEntry, toolsAt } from '../../shared/tools/manifest/manifest.ts';
import { narrowings } from '../../shared/tools/schema/narrowing.ts';
import type { Draft } from './builtTool.ts';

/** Who publishes, and as what. */
export interface Imprint {
  version: string;
  publisher: string;
  now: Date;
  /** Everything is loaded before it is used, and used from then on. */
  activeFrom?: Date;
}

/** How long a manifest may be loaded from. */
const validDays = 400;

/** What changes: tools as they are to be, names and hashes that are not to run. */
export type Make = (now: Pick<Manifest, 'tools' | 'deny'>) => Partial<Pick<Manifest, 'tools' | 'deny'>>;

/**
 * The next manifest: the one before with a change, one sequence on; also above `floor`, the highest any app has taken. A
 * change of tools is also one of those that are planned. What is denied is denied at once.
 * @throws Error where something is to be planned and something is already.
 */
export function nextManifest(
  before: Manifest | undefined,
  make: Make,
  { now, activeFrom }: Pick<Imprint, 'now' | 'activeFrom'>,
  floor = 0,
): Manifest {
  const { tools, next } = toolsAt(before, now);
  const deny = before?.deny ?? [];
  const changed = make({ tools, deny });
  const later = changed.tools ?? tools;
  if (activeFrom && next)
    throw new Error(
      `Something is planned for ${next.activeFrom} already. Wait until then, or take it back: npm run tools -- rollback.`,
    );
  const base = { ...dated(now, Math.max(before?.sequence ?? 0, floor) + 1), deny: changed.deny ?? deny };
  if (activeFrom) return { ...base, tools, next: { activeFrom: activeFrom.toISOString(), tools: later } };
  if (!next) return { ...base, tools: later };
  const planned = make({ tools: next.tools, deny }).tools ?? next.tools;
  return { ...base, tools: later, next: { ...next, tools: planned } };
}

/** The next manifest where what was there under an older one is put back, and nothing is planned. */
export function restoredManifest(
  past: Manifest,
  deny: readonly string[],
  now: Date,
  above: number,
): Manifest {
  const restores = past.restores ?? past.sequence;
  return { ...dated(now, above + 1), restores, deny: [...deny], tools: toolsAt(past, now).tools };
}

const dated = (now: Date, sequence: number) => ({
  schema: 1 as const,
  sequence,
  createdAt: now.toISOString(),
  expiresAt: new Date(now.getTime() + validDays * 86_400_000).toISOString(),
});

export const entryOf = (draft: Draft, { version, publisher, now }: Imprint): ToolEntry => ({
  ...draft,
  version,
  publisher,
  publishedAt: now.toISOString(),
});

/** What a publication changes of one tool. */
export interface Change {
  name: string;
  kind: 'new' | 'changed' | 'same' | 'gone';
  /** A line each: what a model is told, and what the tool may reach. */
  lines: string[];
  /** What calls under way may send that is taken no more. */
  narrowed: string[];
}

const told = ['description', 'inputSchema', 'outputSchema'] as const;
const rights = ['sideEffect', 'timeoutMs', 'tenants', 'hosts', 'secrets'] as const;

/** What becomes of a tool, for whoever has to agree to it: its description is part of the prompt of every call. */
export function changeOf(name: string, before: ToolEntry | undefined, after: ToolEntry | undefined): Change {
  if (!after) return { name, kind: 'gone', lines: ['is not there any more'], narrowed: [] };
  const members = [...told, ...rights];
  if (!before) {
    const lines = members
      .filter((member) => after[member] !== undefined)
      .map((member) => `+ ${member}: ${shown(after[member])}`);
    return { name, kind: 'new', lines, narrowed: [] };
  }
  const lines = members
    .filter((member) => shown(before[member]) !== shown(after[member]))
    .flatMap((member) => [`- ${member}: ${shown(before[member])}`, `+ ${member}: ${shown(after[member])}`]);
  if (before.sha256 !== after.sha256)
    lines.push(`  bundle: ${before.sha256.slice(0, 12)} becomes ${after.sha256.slice(0, 12)}`);
  return {
    name,
    kind: lines.length > 0 ? 'changed' : 'same',
    lines,
    narrowed: narrowings(before.inputSchema, after.inputSchema),
  };
}

/** What becomes of each tool. */
export function changesOf(
  before: Readonly<Record<string, ToolEntry>>,
  after: Readonly<Record<string, ToolEntry>>,
): Change[] {
  const names = [...new Set([...Object.keys(before), ...Object.keys(after)])].sort();
  return names.map((name) => changeOf(name, before[name], after[name]));
}

const shown = (value: unknown) => (typeof value === 'string' ? value : JSON.stringify(value));
