import { type Beat, type DeadLetterProblem, isDeadLetter, type ToolBeat } from './instances.ts';

/** Heard of within this time, an instance counts as live. */
export const liveMs = 60_000;

/**
 * A version of a tool, with what the instances that have it have seen of it: `since` is that of the first, `p50` that of
 * the one with the most calls, `p95` that of the slowest.
 */
interface VersionStatus extends Omit<ToolBeat, 'kind'> {
  /** Absent where the version is loaded nowhere, and no instance knows. */
  kind?: string;
  /** How many it is live on. */
  instances: number;
  /** Where it did not load. */
  deadLetters: DeadLetterStatus[];
}

/** What an instance has to say of a version that it could not load. */
interface DeadLetterStatus extends Pick<DeadLetterProblem, 'at' | 'reason' | 'message' | 'sequence'> {
  instance: string;
}

export interface ToolsStatus {
  /** The highest any instance goes by. */
  sequence: number;
  /** True where all live instances go by it. */
  isComplete: boolean;
  tools: VersionStatus[];
  /** Their problems are refused manifests alone. */
  instances: Omit<Beat, 'tools'>[];
}

/** A version, with each instance's word on it. */
interface Version {
  beats: ToolBeat[];
  deadLetters: Letter[];
}

type Letter = DeadLetterProblem & { instance: string };

/** What is live where, from what the instances say of themselves. */
export function toolsStatus(beats: readonly Beat[]): ToolsStatus {
  const sequence = Math.max(0, ...beats.map((beat) => beat.sequence));
  return {
    sequence,
    isComplete: beats.every((beat) => beat.sequence === sequence),
    tools: versionsIn(beats)
      .map(toStatus)
      .sort((a, b) => (a.name < b.name ? -1 : Number(a.name > b.name))),
    instances: beats.map(({ tools: _, problems, ...rest }) => ({
      ...rest,
      problems: problems.filter((problem) => !isDeadLetter(problem)),
    })),
  };
}

function versionsIn(beats: readonly Beat[]): Version[] {
  const versions = new Map<string, Version>();
  const versionOf = ({ name, version, sha256 }: Pick<ToolBeat, 'name' | 'version' | 'sha256'>): Version => {
    const key = JSON.stringify([name, version, sha256]);
    const found = versions.get(key) ?? { beats: [], deadLetters: [] };
    versions.set(key, found);
    return found;
  };
  for (const tool of beats.flatMap(({ tools }) => tools)) versionOf(tool).beats.push(tool);
  for (const { instance, problems } of beats)
    for (const letter of problems.filter(isDeadLetter))
      versionOf(letter).deadLetters.push({ instance, ...letter });
  return [...versions.values()];
}

function toStatus({ beats, deadLetters }: Version): VersionStatus {
  const told = deadLetters.map(toTold);
  const [first] = deadLetters;
  if (first && beats.length === 0) {
    const { name, version, sha256, toolKind: kind, publisher } = first;
    const origin = { ...(kind && { kind }), ...(publisher && { publisher }) };
    return { name, version, sha256, ...origin, calls: 0, errors: 0, instances: 0, deadLetters: told };
  }
  return { ...merged(beats), instances: beats.length, deadLetters: told };
}

const toTold = ({ instance, at, reason, message, sequence }: Letter): DeadLetterStatus => ({
  instance,
  at,
  reason,
  message,
  sequence,
});

function merged(beats: readonly ToolBeat[]): ToolBeat {
  const busiest = beats.reduce((a, b) => (b.calls > a.calls ? b : a));
  const [since] = beats.flatMap((beat) => beat.since ?? []).sort();
  const slowest = Math.max(...beats.map(({ p95 = -1 }) => p95));
  const { calls: _calls, errors: _errors, p50, p95: _p95, since: _since, ...version } = busiest;
  return {
    ...version,
    ...(since === undefined ? {} : { since }),
    calls: beats.reduce((sum, { calls }) => sum + calls, 0),
    errors: beats.reduce((sum, { errors }) => sum + errors, 0),
    ...(p50 === undefined ? {} : { p50 }),
    ...(slowest < 0 ? {} : { p95: slowest }),
  };
}
