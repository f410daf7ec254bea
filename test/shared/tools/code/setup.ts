import { execFileSync } from 'node:child_process';
import { createHash, randomInt } from 'node:crypto';
import { onTestFinished } from 'vitest';
import type { OutboundAnswer } from '../../../../shared/net/safeFetch.ts';
import type { CodeBundle, CodePorts } from '../../../../shared/tools/code/bundle.ts';
import { CodeProcess } from '../../../../shared/tools/code/codeProcess.ts';
import { type CodeLimits, defaultLimits } from '../../../../shared/tools/code/limits.ts';
import type { ToolContext } from '../../../../shared/tools/tool.ts';
import { memoryLog } from '../../../support/http.ts';

/** A bundle as a bundler writes one, whose `run` has this body; `more` are further members of what it exports. */
export const bundleOf = (body: string, more = ''): string =>
  `"use strict";
module.exports = { default: {
  name: 'probe', description: 'A probe', inputSchema: { type: 'object' }, ${more}
  async run(input, ctx) { ${body} },
} };`;

export const bundle = (code: string, more: Partial<CodeBundle> = {}): CodeBundle => ({
  sha256: createHash('sha256').update(code).digest('hex'),
  code,
  name: 'probe',
  hosts: [],
  secrets: [],
  timeoutMs: 10_000,
  ...more,
});

/** A world without network and secrets. */
export const noPorts: CodePorts = {
  fetch: async (): Promise<OutboundAnswer> => ({ kind: 'failed', cause: 'name' }),
  secret: () => undefined,
};

export function contextOf(more: Partial<ToolContext> = {}): ToolContext {
  return {
    tenantId: 'tenant',
    caller: '+15550100',
    conversationId: 'call-1',
    idempotencyKey: 'key-1',
    askedAt: new Date(1_000),
    now: new Date(2_000),
    log: memoryLog().log,
    ...more,
  };
}

interface Loading {
  bundle?: Partial<CodeBundle>;
  ports?: Partial<CodePorts>;
  limits?: Partial<CodeLimits>;
}

/** A loaded tool, retired at the end of the test. */
export async function load(code: string, how: Loading = {}): Promise<CodeProcess> {
  const loaded = await CodeProcess.load(
    bundle(code, how.bundle),
    { ...noPorts, ...how.ports },
    { ...defaultLimits, ...how.limits },
  );
  onTestFinished(() => loaded.retire());
  return loaded;
}

/** What a tool whose `run` has this body gives for one call. */
export async function outcomeOf(body: string, input: Record<string, unknown> = {}): Promise<unknown> {
  return (await load(bundleOf(body))).run(input, contextOf(), 5_000);
}

/** A limit that no other process has, and how many processes have it: so a test knows its own. */
export function marked(): { logLine: number; running(): number } {
  const logLine = randomInt(1e6, 1e9);
  const running = () =>
    execFileSync('ps', ['-A', '-o', 'args='], { encoding: 'utf8' }).split(`"logLine":${logLine}`).length - 1;
  return { logLine, running };
}
