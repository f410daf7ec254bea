import { expect, it } from 'vitest';
import { runDay } from './day.ts';
import { sayReport } from './report.ts';

const slice = { seed: 1, tenants: 20, calls: 75 };
const patienceMs = 300_000;

it(
  'a day ends with exactly the calls, leads, messages and deliveries that were in it',
  async () => {
    const report = await runDay({ ...slice, instances: 1, hasFaults: false });
    expect(report.differences, sayReport(report)).toEqual([]);
    expect(report.duplicates).toBeGreaterThan(100);
    expect(report.events).toBeGreaterThan(100);
  },
  patienceMs,
);

it(
  'so does one on which storage fails and instances are killed',
  async () => {
    const report = await runDay({ ...slice, seed: 2, hasFaults: true });
    expect(report.differences, sayReport(report)).toEqual([]);
    expect(report.kills).toBe(2);
    expect(report.retries).toBeGreaterThan(10);
    for (const kind of ['500', '503', 'reset-before', 'reset-after'])
      expect(report.injected[kind], kind).toBeGreaterThan(0);
  },
  patienceMs,
);
