import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { AuditResult } from '../../shared/audit/report/auditResult.ts';
import { runCommand } from '../cli/support/runCommand.ts';
import { type App, startApp } from '../support/app.ts';
import { root } from '../support/process.ts';

let app: App;
beforeAll(async () => {
  app = await startApp();
}, 60_000);
afterAll(() => app?.stop());

/** As a pipeline does it: the command, from the working tree, against a running Gatehouse. */
async function audit(...options: string[]) {
  const { code, stdout, stderr } = await runCommand(
    ['.', '--hld', 'docs/hld.md', '--exclude', 'test/fixtures/**', '--json', '--report', 'none', ...options],
    { env: { GATEHOUSE_URL: app.base, GATEHOUSE_KEY: '' }, cwd: root },
  );
  const result = stdout === '' ? undefined : (JSON.parse(stdout) as AuditResult);
  return { code, stderr, result };
}

describe("Gatehouse's own design", () => {
  it('is met by its code, as far as words and structure show', async () => {
    const { code, stderr, result } = await audit('--fail-on', 'medium');
    const gaps = result?.requirements.filter(({ severity, verified }) => severity !== 'none' && verified);
    expect(gaps?.map(({ requirement, reason }) => [requirement, reason])).toEqual([]);
    expect(result?.requirements.length).toBeGreaterThan(150);
    expect([code, stderr]).toEqual([0, expect.stringContaining('Gate passed')]);
  }, 60_000);

  it('is not met by the code without one of its rooms', async () => {
    const { code, result } = await audit('--exclude', 'shared/limits/**', '--exclude', 'test/**');
    expect(code).toBe(1);
    const gaps = result?.requirements.filter(({ severity }) => severity !== 'none') ?? [];
    const inLimits = gaps.filter(({ section }) => section.at(-1) === '7. Limits');
    expect(inLimits.length).toBeGreaterThan(9);
    const missing = gaps.filter(
      (gap) => gap.verdict === 'missing' && gap.verified && !inLimits.includes(gap),
    );
    expect(missing.map(({ requirement }) => requirement)).toEqual([]);
  }, 60_000);
});
