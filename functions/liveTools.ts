import { createSafeFetch } from '../shared/net/safeFetch.ts';
import type { Stores } from '../shared/storage/stores.ts';
import type { Logger } from '../shared/telemetry/logger.ts';
import { Instances } from '../shared/tools/live/instances.ts';
import { ToolJournal } from '../shared/tools/live/journal.ts';
import { LiveTools } from '../shared/tools/live/liveTools.ts';
import { OnceOnly } from '../shared/tools/live/onceOnly.ts';
import { ToolReporter } from '../shared/tools/live/reporter.ts';
import { createRunners } from '../shared/tools/live/runners.ts';
import { ToolBlobs } from '../shared/tools/live/toolBlobs.ts';
import { fixedSource, type ToolSource } from '../shared/tools/registry.ts';
import { type ToolsConfig, toolSecrets } from '../shared/tools/settings.ts';
import type { ToolStatistics } from '../shared/tools/statistics.ts';
import type { Tool } from '../shared/tools/tool.ts';

export interface ToolSourceDeps {
  builtIns: readonly Tool[];
  /** Undefined where a setting of it is wrong: the deployment's own tools go on. */
  config: ToolsConfig | undefined;
  env: Readonly<Record<string, string | undefined>>;
  stores: Stores;
  instance: string;
  statistics: ToolStatistics;
  /** Tools change behind calls, not within one: there is no invocation to log to. */
  log: Logger;
  now: () => Date;
}

/** Tools with what tells of them. */
export interface ToolParts {
  source: ToolSource;
  reporter: ToolReporter;
  instances: Instances;
  once: OnceOnly;
}

/** The tools of the deployment, and where a key is trusted and the switch is on, those that are published. */
export function createToolSource(deps: ToolSourceDeps): ToolParts {
  const { builtIns, config, env, stores, instance, statistics, log, now } = deps;
  const instances = new Instances(stores.tables);
  const once = new OnceOnly(stores.tables);
  const journal = new ToolJournal(stores.blobs, instance, now);
  const reporter = new ToolReporter({ instance, instances, journal, statistics, log, now });
  if (!config?.isOn || config.keys.length === 0)
    return { source: fixedSource(builtIns), reporter, instances, once };
  const source = new LiveTools({
    builtIns,
    keys: config.keys,
    deny: config.deny,
    pollMs: config.pollMs,
    blobs: new ToolBlobs(stores.blobs),
    runners: createRunners({ fetch: createSafeFetch(), secret: toolSecrets(env) }),
    once,
    floor: instances,
    now,
    report: (event) => reporter.report(event),
    looked: (live) => reporter.looked(live),
  });
  return { source, reporter, instances, once };
}
