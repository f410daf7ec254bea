import { expect, it } from 'vitest';
import { mapAtMost } from '../../shared/atMost.ts';

it('does so much at a time, and gives what it gave in order', async () => {
  let [underWay, most] = [0, 0];
  const results = await mapAtMost([50, 10, 30, 20, 0], 2, async (ms) => {
    underWay++;
    most = Math.max(most, underWay);
    await new Promise((resolve) => setTimeout(resolve, ms));
    underWay--;
    return `${ms}`;
  });
  expect(results).toEqual(['50', '10', '30', '20', '0']);
  expect(most).toBe(2);
  expect(await mapAtMost([], 2, async () => 1)).toEqual([]);
});

it('fails as the first that fails', async () => {
  await expect(mapAtMost([1, 2, 3], 2, async (i) => Promise.reject(new Error(`${i}`)))).rejects.toThrow('1');
});
