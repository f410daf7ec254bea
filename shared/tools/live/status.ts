import type { Beat, ToolBeat } from './instances.ts';

/** Heard of within this time, an instance counts as live. */
export const liveMs = 60_000;

/**
 * A version of a tool, with what the instances that have it have seen of it: `since` is that of the first, `p50` that of
 * the one with the most calls, `p95` that of the slowest.
 */
interface VersionStatus extends ToolBeat {
  instances: number;
}

export interface ToolsStatus {
  /** The highest any instance goes by. */
  sequence: number;
  /** True where all live instances go by it. */
  isComplete: boolean;
  tools: VersionStatus[];
  instances: Omit<Beat, 'tools'>[];
}

/** What is live where, from what the instances say of themselves. */
export function toolsStatus(beats: readonly Beat[]): ToolsStatus {
  const sequence = Math.max(0, ...beats.map((beat) => beat.sequence));
  const byVersion = new Map<string, ToolBeat[]>();
  for (const tool of beats.flatMap(({ tools }) => tools)) {
    const key = JSON.stringify([tool.name, tool.version, tool.sha256]);
    byVersion.set(key, [...(byVersion.get(key) ?? []), tool]);
  }
  return {
    sequence,
    isComplete: beats.every((beat) => beat.sequence === sequence),
    tools: [...byVersion.values()].map(merged).sort((a, b) => (a.name < b.name ? -1 : 1)),
    instances: beats.map(({ tools: _, ...rest }) => rest),
  };
}

function merged(beats: readonly ToolBeat[]): VersionStatus {
  const busiest = beats.reduce((a, b) => (b.calls > a.calls ? b : a));
  const [since] = beats.flatMap((beat) => beat.since ?? []).sort();
  const slowest = Math.max(...beats.map(({ p95 = -1 }) => p95));
  const { calls: _calls, errors: _errors, p50, p95: _p95, since: _since, ...version } = busiest;
  return {
    ...version,
    ...(since === undefined ? {} : { since }),
    instances: beats.length,
    calls: beats.reduce((sum, { calls }) => sum + calls, 0),
    errors: beats.reduce((sum, { errors }) => sum + errors, 0),
    ...(p50 === undefined ? {} : { p50 }),
    ...(slowest < 0 ? {} : { p95: slowest }),
  };
}
