import { createHash } from 'node:crypto';
import type { Entity, Property } from '../../storage/tableStore.ts';
import { tryJson } from '../../tryJson.ts';
import { itemsOf, membersOf, numberOf } from '../messages/tolerant.ts';
import {
  type CallColumn,
  type CallState,
  columnNames,
  type Fact,
  type Known,
  type MarkName,
  markNames,
  sources,
  statusRank,
} from './callState.ts';
import { timeKeyOf, timeOfKey } from './timeKey.ts';

export const callsTable = 'calls';
export const reportsContainer = 'calls';
export const transcriptsContainer = 'transcripts';

/**
 * What a row holds beside the facts. The row by id is the call's; the one by time repeats it. What the first delivery or
 * the first report fixed here never changes.
 */
export interface CallRow extends Entity {
  callId: string;
  timeKey: string;
  /** Names of blobs that exist. */
  reportBlob?: string;
  transcriptBlob?: string;
  /** Usage as it was counted: UTC day, milliseconds, micro-dollars; once for each call. */
  usageDay?: string;
  usageMs?: bigint;
  usageMicroUsd?: bigint;
  /** For whom it was counted before the tenant was known. */
  usageFrom?: string;
  /** The tenant a call that had none went to; the row then holds no fact any more. */
  movedTo?: string;
  /** The call was erased: the row holds no fact any more, and takes none. */
  isErased?: boolean;
}

export interface Places {
  timeKey: string;
  reportBlob: string;
  transcriptBlob: string;
}

/** Where a call first seen at `iso` is kept. */
export function placesAt(tenantId: string, key: string, iso: string): Places {
  return placesOf(tenantId, key, timeKeyOf(iso, key));
}

export function placesOf(tenantId: string, key: string, timeKey: string): Places {
  const name = `${tenantId}/${timeOfKey(timeKey).slice(0, 10)}/${key}`;
  return { timeKey, reportBlob: `${name}.json`, transcriptBlob: `${name}.txt` };
}

/** Row by which the remains of a call that was moved or erased are found when they are old. */
export const remainsPrefix = 'x|';
export const remainsKey = (timeKey: string) => `${remainsPrefix}${timeKey.slice(2)}`;

/** Columns of a state: each fact, what decides about it, marks, and how many there are. */
export function toColumns({ facts, marks }: CallState): Record<string, Property> {
  const known = columnNames.flatMap((column) => {
    const fact = facts[column];
    return fact ? [[column, fact] as const] : [];
  });
  return {
    ...Object.fromEntries(known.map(([column, { value }]) => [column, value])),
    versions: JSON.stringify(
      Object.fromEntries(known.map(([column, { source, at }]) => [column, [source, at]])),
    ),
    ...Object.fromEntries(Object.entries(marks).map(([name, list]) => [name, JSON.stringify(list)])),
    ...(marks.hangMarks ? { hangs: marks.hangMarks.length } : {}),
    ...(marks.transferMarks ? transferColumns(marks.transferMarks) : {}),
    ...(marks.artifactMarks ? artifactColumns(marks.artifactMarks) : {}),
  };
}

function transferColumns(marks: readonly string[]): Record<string, Property> {
  const kinds = marks.map((mark) => mark.split(' ')[1] ?? '');
  return { transfers: marks.length, transferKinds: [...new Set(kinds)].sort().join(', ') };
}

/** One that was stored at any time is stored. */
function artifactColumns(marks: readonly string[]): Record<string, Property> {
  const named = (ending: string) =>
    marks.filter((mark) => mark.endsWith(ending)).map((mark) => mark.slice(0, -ending.length));
  const stored = named(' stored');
  const failed = named(' failed').filter((name) => !stored.includes(name));
  return { artifactsStored: stored.join(', '), artifactsFailed: failed.join(', ') };
}

/** The state a row holds. Rows from before versions were kept hold what a report said. */
export function stateOf(row: Entity): CallState {
  const versions = membersOf(tryJson(String(row.versions ?? '{}')));
  const facts: Partial<Record<CallColumn, Known>> = {};
  for (const column of columnNames) {
    const value = row[column];
    if (isFact(value)) facts[column] = { value, ...versionOf(column, value, versions[column]) };
  }
  const marks: Partial<Record<MarkName, readonly string[]>> = {};
  for (const name of markNames) {
    const list = itemsOf(tryJson(String(row[name] ?? '[]'))).map(String);
    if (list.length > 0) marks[name] = list;
  }
  return { facts, marks };
}

function isFact(value: Property): value is Fact {
  return typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean';
}

function versionOf(column: CallColumn, value: Fact, version: unknown): Pick<Known, 'source' | 'at'> {
  const [source, at] = itemsOf(version).map(numberOf);
  const legacy = column === 'status' ? statusRank(value) : sources.report;
  return { source: source ?? legacy, at: at ?? 0 };
}

/** Columns that tell of a call, in the order in which to show them. */
export const callFields = [
  'callId',
  ...columnNames,
  'hangs',
  'transfers',
  'transferKinds',
  'artifactsStored',
  'artifactsFailed',
  'reportBlob',
  'transcriptBlob',
] as const;

export type CallView = Partial<Record<(typeof callFields)[number], Property>>;

/** A row without what is only for keeping it. */
export function toView(row: Entity): CallView {
  return Object.fromEntries(
    callFields.flatMap((field) => (row[field] === undefined ? [] : [[field, row[field]]])),
  );
}

/** A call id for a report that names none: the same for the same body. */
export function idOfBody(body: Uint8Array): string {
  return `no-id-${createHash('sha256').update(body).digest('hex')}`;
}
