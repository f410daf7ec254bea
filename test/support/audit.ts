import type { Assignment } from '../../shared/audit/engines/engine.ts';
import type { StepMemory } from '../../shared/audit/engines/stepMemory.ts';
import type { AuditInput } from '../../shared/audit/sourceTree.ts';
import { SectionCounts } from '../../shared/audit/tokens/sectionCounts.ts';
import type { AuditConfig } from '../../shared/config/audit.ts';
import { TableBucketStore } from '../../shared/limits/bucketStore.ts';
import { systemClock } from '../../shared/limits/clock.ts';
import { LimitAdmin } from '../../shared/limits/limitAdmin.ts';
import { Limiter } from '../../shared/limits/limiter.ts';
import { type PolicyInput, policySchema } from '../../shared/limits/policy.ts';
import { readSettings } from '../../shared/settings.ts';
import { createMemoryStores } from '../../shared/storage/memory/memoryStores.ts';
import { BudgetWarnings } from '../../shared/usage/budgetWarnings.ts';
import { Ledger } from '../../shared/usage/ledger/ledger.ts';
import { ModelCalls } from '../../shared/usage/modelCalls.ts';
import { memoryLog } from './http.ts';

export function auditSettings(env: Record<string, string> = {}): AuditConfig {
  const { audit } = readSettings(env);
  if (!audit.ok) throw new Error(JSON.stringify(audit.problems));
  return audit.value;
}

export const design = `# Shop

- The shop must hash every password with \`scrypt\`.
- Orders above 1000 dollars need a second approval.
- The invoice exporter writes \`INVOICE_BUCKET\`.
`;

export const input: AuditInput = {
  files: [
    {
      path: 'src/orders.ts',
      text: '// Orders above 1000 dollars need a second approval\nexport const approvalLimit = 1000;\n',
    },
    {
      path: 'src/users.ts',
      text: "import { scrypt } from 'node:crypto';\nexport function hashPassword(password: string) {\n  return scrypt(password);\n}\n",
    },
  ],
  designs: [{ path: 'docs/hld.md', text: design }],
  question: undefined,
  skipped: [],
  unselected: {},
  secrets: [],
};

/** Remembers steps for as long as a test. */
export function stepMemory(): StepMemory & { size: number } {
  const kept = new Map<string, unknown>();
  const nameOf = (kind: string, key: unknown) => JSON.stringify([kind, key]);
  return {
    get size() {
      return kept.size;
    },
    async get(kind, key, schema) {
      return schema.safeParse(structuredClone(kept.get(nameOf(kind, key)))).data;
    },
    async put(kind, key, value) {
      kept.set(nameOf(kind, key), structuredClone(value));
    },
  };
}

/** What an engine is told beside the tree; ten seconds unless said otherwise. */
export function assignment(signal = AbortSignal.timeout(10_000), more: Partial<Assignment> = {}): Assignment {
  return {
    options: { advice: false },
    signal,
    log: memoryLog().log,
    caller: 'tester',
    tokens: { json: 1_200, packed: 1_000 },
    steps: stepMemory(),
    most: {},
    progress: () => {},
    ...more,
  };
}

/** Access to models on in-memory storage, with no limits but the given policies, and prompt about trying again. */
export function createModelAccess(
  policies: readonly PolicyInput[] = [],
  options: {
    attempts?: number;
    concurrency?: number;
    /** Another one on the same stores is another instance. */
    instance?: string;
    random?: () => number;
    env?: Record<string, string>;
    stores?: ReturnType<typeof createMemoryStores>;
  } = {},
) {
  const {
    stores = createMemoryStores(),
    attempts = 3,
    concurrency = 4,
    instance = 'test',
    env = {},
  } = options;
  const { usage } = readSettings(env);
  if (!usage.ok) throw new Error(JSON.stringify(usage.problems));
  const parsed = policies.map((policy) => policySchema.parse(policy));
  const store = new TableBucketStore(stores.tables);
  const clock = systemClock();
  const limiter = new Limiter({ policies: parsed, store, instance, clock });
  const admin = new LimitAdmin({ policies: parsed, store, limiter, clock });
  const now = () => new Date();
  const ledger = new Ledger({ stores, instance, now });
  const calls = new ModelCalls({
    limiter,
    ledger,
    deployments: usage.value.deployments,
    warnings: new BudgetWarnings(parsed),
    concurrency,
    attempts,
    now,
    random: options.random ?? (() => 0),
  });
  const { deployments } = usage.value;
  return {
    calls,
    ledger,
    limiter,
    admin,
    stores,
    deployments,
    sections: new SectionCounts(),
    maxOutputTokens: 4_096,
    concurrency,
  };
}
