import type { Manifest, ToolEntry } from '../../shared/tools/manifest/manifest.ts';
import { narrowings } from '../../shared/tools/schema/narrowing.ts';
import type { Draft } from './toolSource.ts';

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

/** The next manifest: the one before with changes, one sequence on; also above `floor`, the highest any app has taken. */
export function nextManifest(
  before: Manifest | undefined,
  change: Partial<Pick<Manifest, 'tools' | 'deny'>>,
  { now, activeFrom }: Pick<Imprint, 'now' | 'activeFrom'>,
  floor = 0,
): Manifest {
  return {
    schema: 1,
    sequence: Math.max(before?.sequence ?? 0, floor) + 1,
    createdAt: now.toISOString(),
    expiresAt: new Date(now.getTime() + validDays * 86_400_000).toISOString(),
    ...(activeFrom ? { activeFrom: activeFrom.toISOString() } : {}),
    deny: change.deny ?? before?.deny ?? [],
    tools: change.tools ?? before?.tools ?? {},
  };
}

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

const shown = (value: unknown) => (typeof value === 'string' ? value : JSON.stringify(value));
