import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { stateOf, toColumns } from '../../../../shared/voice/calls/callRow.ts';
import { mergeCall, mostMarks, nothing } from '../../../../shared/voice/calls/callState.ts';
import { anyDelivery, delivery, factsOf, merged } from './deliveries.ts';

const anyState = fc.array(anyDelivery, { maxLength: 6 }).map(merged);
const columns = (...deliveries: Parameters<typeof merged>[0]) => toColumns(merged(deliveries));

describe('mergeCall', () => {
  it('is commutative, associative and idempotent', () => {
    fc.assert(
      fc.property(anyState, anyState, anyState, (a, b, c) => {
        expect(mergeCall(a, b)).toEqual(mergeCall(b, a));
        expect(mergeCall(a, mergeCall(b, c))).toEqual(mergeCall(mergeCall(a, b), c));
        expect(mergeCall(a, a)).toEqual(a);
        expect(mergeCall(a, nothing)).toEqual(a);
      }),
    );
  });

  it('gives the same row for any order and any repetition of the same deliveries', () => {
    const shuffled = fc
      .array(anyDelivery, { minLength: 1, maxLength: 8 })
      .chain((all) =>
        fc.tuple(
          fc.constant(all),
          fc.shuffledSubarray(all, { minLength: all.length }),
          fc.array(fc.constantFrom(...all)),
        ),
      );
    fc.assert(
      fc.property(shuffled, ([all, again, repeated]) => {
        expect(toColumns(merged([...repeated, ...again, ...repeated]))).toEqual(toColumns(merged(all)));
      }),
    );
  });

  it('survives being stored', () => {
    fc.assert(
      fc.property(anyState, (state) => {
        const row = { partitionKey: 'p', rowKey: 'r', ...toColumns(state) };
        expect(stateOf(row)).toEqual(state);
      }),
    );
  });

  it('never lets an ended call go back to being in progress', () => {
    const ended = delivery('status-update', 1, { status: 'ended', endedReason: 'silence' });
    const later = delivery('status-update', 9, { status: 'in-progress' });
    expect(columns(ended, later)).toMatchObject({
      status: 'ended',
      endedReason: 'silence',
      endedAt: '2026-11-20T21:04:13.000Z',
      startedAt: '2026-11-20T21:04:21.000Z',
    });
  });

  it('passes through all statuses, and takes a new word for less than any', () => {
    const order = ['brand-new', 'scheduled', 'queued', 'ringing', 'in-progress', 'forwarding', 'ended'];
    for (const [i, status] of order.entries()) {
      const some = order.slice(0, i + 1).map((word, n) => delivery('status-update', 9 - n, { status: word }));
      expect(columns(...some).status).toBe(status);
    }
  });

  it('keeps the first time of each status, and counts a repeated hang or transfer once', () => {
    const ringing = [4, 2, 3].map((s) => delivery('status-update', s, { status: 'ringing' }));
    const hangs = [5, 6, 5, 5].map((s) => delivery('hang', s));
    const transfers = [7, 8, 7].map((s) =>
      delivery('transfer-update', s, { destination: { type: 'number' } }),
    );
    const squad = delivery('transfer-update', 9, { toAssistant: { name: 'Sam' } });
    expect(columns(...ringing, ...hangs, ...transfers, squad)).toMatchObject({
      ringingAt: '2026-11-20T21:04:14.000Z',
      hangs: 2,
      transfers: 3,
      transferKinds: 'assistant, number',
    });
  });

  it('keeps no more marks than fit a row, whichever come first', () => {
    const hangs = Array.from({ length: mostMarks + 50 }, (_, i) => delivery('hang', i));
    const [some, others] = [merged(hangs.slice(70)), merged(hangs.slice(0, 90))];
    expect(mergeCall(some, others)).toEqual(merged(hangs));
    expect(toColumns(merged(hangs)).hangs).toBe(mostMarks);
  });

  it('lets a report win over status updates, whenever they come', () => {
    const update = delivery('status-update', 99, { status: 'ended', endedReason: 'guess' });
    const report = delivery('end-of-call-report', 50, {
      endedReason: 'customer-ended-call',
      endedAt: '2026-11-20T21:04:50.114Z',
    });
    for (const both of [
      [update, report],
      [report, update],
    ])
      expect(columns(...both)).toMatchObject({
        endedReason: 'customer-ended-call',
        endedAt: '2026-11-20T21:04:50.114Z',
      });
  });

  it('believes a status update where the report does not say', () => {
    const update = delivery('status-update', 30, { status: 'ended', endedReason: 'silence-timed-out' });
    const report = delivery('end-of-call-report', 50);
    expect(columns(report)).toMatchObject({ endedReason: 'unknown', endedAt: '2026-11-20T21:05:02.000Z' });
    expect(columns(report, update)).toMatchObject({
      endedReason: 'silence-timed-out',
      endedAt: '2026-11-20T21:04:42.000Z',
    });
  });

  it('keeps of two reports the later facts, and what only the earlier has', () => {
    const earlier = delivery('end-of-call-report', 50, { cost: 0.09, summary: 'old', durationSeconds: 38 });
    const later = delivery('end-of-call-report', 51, { cost: 0.02, summary: 'new' });
    for (const both of [
      [earlier, later],
      [later, earlier],
    ])
      expect(columns(...both)).toMatchObject({ costUsd: 0.02, summary: 'new', durationSeconds: 38 });
  });

  it('takes an artifact for stored once it was', () => {
    const upload = (type: string, success: boolean) =>
      delivery('call.artifact.upload', 60, { artifacts: [{ type, success }] });
    expect(
      columns(
        upload('log', false),
        upload('pcap', false),
        upload('log', true),
        upload('recording-mono', true),
      ),
    ).toMatchObject({ artifactsStored: 'log, recording-mono', artifactsFailed: 'pcap' });
  });

  it('reads rows from before versions were kept as what a report said', () => {
    const row = { partitionKey: 'p', rowKey: 'r', status: 'ended', endedReason: 'report', costUsd: 0.07 };
    const update = factsOf(delivery('status-update', 9, { status: 'in-progress', endedReason: 'x' }));
    expect(toColumns(mergeCall(update, stateOf(row)))).toMatchObject({
      status: 'ended',
      endedReason: 'report',
    });
    const report = factsOf(delivery('end-of-call-report', 9, { cost: 0.01 }));
    expect(toColumns(mergeCall(stateOf(row), report))).toMatchObject({ costUsd: 0.01 });
  });
});
