/**
 * One instance with published tools over Azure storage in a process of its own, for tests of several. It gets one order
 * over IPC, calls one tool in several lanes until it is told to stop, and answers with what it was told.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { createToolSource } from '../../functions/liveTools.ts';
import { createAzureStores } from '../../shared/storage/azure/azureStores.ts';
import { readPublicKey } from '../../shared/tools/manifest/signing.ts';
import { createToolRegistry } from '../../shared/tools/registry.ts';
import { ToolStatistics } from '../../shared/tools/statistics.ts';
import { memoryLog } from './http.ts';
import { toolContext } from './publishedTools.ts';

export interface ToolOrder {
  connectionString: string;
  publicKey: string;
  instance: string;
  pollMs: number;
  lanes: number;
  pauseMs: number;
}

/** What the lanes were told, and when each answer was first heard, ms since the epoch. */
export interface ToolReport {
  calls: number;
  answers: Record<string, number>;
  firstAt: Record<string, number>;
  failures: string[];
}

async function work(order: ToolOrder, isOver: () => boolean): Promise<ToolReport> {
  const { connectionString, publicKey, instance, pollMs, lanes, pauseMs } = order;
  const statistics = new ToolStatistics();
  const keys = [{ keyId: 'main', publicKey: readPublicKey(publicKey) }];
  const { source } = createToolSource({
    builtIns: [],
    config: { keys, isOn: true, pollMs, deny: [] },
    env: {},
    stores: await createAzureStores({ connectionString }),
    instance,
    statistics,
    log: memoryLog().log,
    now: () => new Date(),
  });
  const registry = createToolRegistry(source, { statistics });
  const report: ToolReport = { calls: 0, answers: {}, firstAt: {}, failures: [] };
  const lane = async () => {
    while (!isOver()) {
      const outcome = await registry.run('echo', { wait: pauseMs }, toolContext(), 5_000);
      report.calls++;
      if (!outcome.ok) {
        report.failures.push(outcome.error);
        continue;
      }
      const answer = String(outcome.result);
      report.answers[answer] = (report.answers[answer] ?? 0) + 1;
      if (report.firstAt[answer] === undefined) {
        report.firstAt[answer] = Date.now();
        process.send?.({ heard: answer });
      }
      await sleep(pauseMs);
    }
  };
  await Promise.all(Array.from({ length: lanes }, lane));
  return report;
}

let isOver = false;
process.on('message', (message: ToolOrder | 'stop') => {
  if (message === 'stop') isOver = true;
  else
    work(message, () => isOver).then(
      (report) => process.send?.({ report }, undefined, undefined, () => process.exit(0)),
      (error: unknown) => {
        console.error(error);
        process.exit(1);
      },
    );
});
