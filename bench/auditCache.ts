/** An answer from the cache beside a bare read of the same blob, both from Azurite on this machine. */
import { startAzurite } from '../local/storage/azurite.ts';
import type { AuditRequest } from '../shared/audit/auditRequest.ts';
import type { EngineAnswer } from '../shared/audit/engines/engine.ts';
import { createAzureStores } from '../shared/storage/azure/azureStores.ts';
import { createLogger } from '../shared/telemetry/logger.ts';
import { createAuditor, plainOptions } from '../test/support/auditor.ts';
import { judged as requirement } from '../test/support/auditResults.ts';
import { type Judged, median, printTable, verdict } from './report.ts';

const requirements = 200;
const files = 40;

/** An answer of ordinary size: 200 requirements, each with a quote. */
const answer: EngineAnswer = {
  summary: 'Of 200 requirements all are met.',
  requirements: Array.from({ length: requirements }, (_, i) =>
    requirement({
      id: `R${i + 1}`,
      requirement: `The service must keep rule number ${i + 1} whatever is asked of it, and say so in its answer.`,
      evidence: [
        {
          file: `src/file${i % files}.ts`,
          line: i + 1,
          end_line: i + 2,
          quote: `export function rule${i}() {\n  return keep(${i});`,
        },
      ],
    }),
  ),
  findings: [],
  usage: null,
};

const request: AuditRequest = {
  input: {
    files: Array.from({ length: files }, (_, i) => ({
      path: `src/file${i}.ts`,
      text: `export function rule${i}() {\n  return keep(${i});\n}\n`.repeat(40),
    })),
    designs: [{ path: 'docs/hld.md', text: '- The service must keep its rules.\n' }],
    question: undefined,
    skipped: [],
    unselected: {},
    secrets: [],
  },
  options: plainOptions,
};

async function timed(work: () => Promise<unknown>): Promise<number> {
  const began = performance.now();
  await work();
  return performance.now() - began;
}

export async function cachedAnswers(quick: boolean): Promise<Judged[]> {
  const azurite = await startAzurite();
  try {
    const stores = await createAzureStores({ connectionString: azurite.connectionString });
    const auditor = createAuditor(
      {
        name: 'lexical',
        model: null,
        fingerprint: 'bench',
        note: '',
        estimate: async () => ({
          parts: 1,
          calls: 0,
          inputTokens: 0,
          outputTokens: 0,
          costMicroUsd: 0,
          seconds: 1,
        }),
        assess: async () => answer,
      },
      { stores },
    );
    const scope = {
      caller: 'bench',
      log: createLogger({ debug() {}, info() {}, warn() {}, error() {} }, 'error'),
    };
    const { audit_id } = await auditor.audit(request, scope);
    const name = `${audit_id}.json`;
    const blob = await stores.blobs.get('audit-cache', name);
    const pairs: [cached: number, bare: number][] = [];
    for (let n = 0; n < (quick ? 300 : 2_000); n++)
      pairs.push([
        await timed(async () => JSON.stringify(await auditor.audit(request, scope))),
        await timed(() => stores.blobs.get('audit-cache', name)),
      ]);
    const warm = pairs.slice(50);
    const [cached, bare] = [median(warm.map(([one]) => one)), median(warm.map(([, one]) => one))];
    const judged: Judged = {
      name: 'an answer from the cache / a bare read of its blob',
      value: cached / bare,
      is: '<=',
      goal: 2,
      unit: ' x',
    };
    printTable(`an answer from the cache, ${((blob?.length ?? 0) / 1024).toFixed(0)} KB; ms`, [
      ['bare read', bare.toFixed(2), '-'],
      ['cached answer', cached.toFixed(2), verdict(judged)],
    ]);
    return [judged];
  } finally {
    await azurite.stop();
  }
}
