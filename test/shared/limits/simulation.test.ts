import { describe, expect, it } from 'vitest';
import { type Kind, runSchedules, storm } from '../../support/limits/schedule.ts';
import { calm } from '../../support/simulation.ts';

/** Schedules of each kind; raise it for a longer hunt. */
const count = Number(process.env.GATEHOUSE_SCHEDULES ?? 250);

const kinds: Record<string, Kind> = {
  calm: {},
  skewed: { skewMs: 1_500 },
  stormy: { weather: storm, skewMs: 300 },
  dying: { weather: storm, deaths: true },
  strict: { policy: { strict: true, localShare: 0 }, skewMs: 0 },
  cold: { cold: true },
  'cold and stormy': { cold: true, weather: storm },
  slow: { weather: () => ({ ...calm, latencyMs: () => 35 }), policy: { leaseLifeMs: 200 } },
  crowded: { cold: true, crowded: true },
};

describe('however it runs, no span holds more admissions than is promised', () => {
  it.each(Object.keys(kinds))(
    '%s',
    async (name) => {
      const { exceeding, admitted, refused } = await runSchedules(count, kinds[name] ?? {});
      expect(exceeding).toEqual([]);
      expect(admitted).toBeGreaterThan(20 * count);
      expect(refused).toBeGreaterThan(count);
    },
    120_000,
  );
});
