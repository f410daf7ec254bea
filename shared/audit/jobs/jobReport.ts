import { recordMetric } from '../../telemetry/instruments.ts';
import type { JobRow } from './jobRow.ts';

const secondsSince = ({ createdAt }: JobRow, now: Date) =>
  Math.max(0, now.getTime() - createdAt.getTime()) / 1000;

export function reportAccepted(): void {
  recordMetric('gatehouse.audit.jobs', 1, { 'gatehouse.state': 'queued' });
}

/** Told when a job is begun for the first time. */
export function reportBegun(row: JobRow, now: Date): void {
  recordMetric('gatehouse.audit.job.queue_age', secondsSince(row, now));
}

export function reportEnded(row: JobRow, now: Date): void {
  const state = { 'gatehouse.state': row.state };
  recordMetric('gatehouse.audit.jobs', 1, state);
  recordMetric('gatehouse.audit.job.duration', secondsSince(row, now), state);
}
