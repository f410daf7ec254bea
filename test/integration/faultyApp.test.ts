import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { eventually } from '../support/app.ts';
import { type Running, run } from '../support/process.ts';

interface Seen {
  seen: unknown[];
  runs: { most: number; all: number };
}

let host: Running;
beforeAll(async () => {
  const args = ['test/fixtures/faulty-app', '--port', '0', '--ephemeral'];
  host = await run('local/runHost.ts', args, { 'AzureWebJobs.disabled.Disabled': 'true' });
});
afterAll(() => host?.stop());

const good = async () => (await (await fetch(`${host.base}/api/good`)).json()) as Seen;

describe('an app in which some functions are in error', () => {
  it.each([
    ['badRoute', /unknown route constraint "colour"/],
    ['noConnection', /"NOT_SET" is empty/],
    ['noQueue', /"NOT_SET", which is not set/],
    ['badSchedule', /./],
    ['longInterval', /24 days/],
  ])('names %s and why', (name, reason) => {
    const line = host
      .output()
      .split('\n')
      .find((l) => l.includes(`"${name}" is in error`));
    expect(line).toMatch(reason);
  });

  it('says which triggers it does not run', () => {
    expect(host.output()).toContain('"blobs" has a blobTrigger');
  });

  it('serves the good ones', async () => {
    expect((await fetch(`${host.base}/api/good`)).status).toBe(200);
  });

  it('does not serve one that is switched off', async () => {
    expect((await fetch(`${host.base}/api/disabled`)).status).toBe(404);
  });

  it('writes what a function returns to its output', async () => {
    const found = await eventually(
      async () => ((await good()).seen.length > 0 ? good() : undefined),
      'the returned message',
    );
    expect(found.seen).toEqual([{ from: 'returns' }]);
  });

  it('runs a timer one at a time', async () => {
    const { runs } = await eventually(
      async () => ((await good()).runs.all >= 3 ? good() : undefined),
      'the third run',
    );
    expect(runs.most).toBe(1);
  });
});
