import { recordMetric } from '../../telemetry/instruments.ts';
import { errorFields, type Logger } from '../../telemetry/logger.ts';
import { shortened } from '../shortened.ts';
import type { ToolStatistics } from '../statistics.ts';
import { DeadLetters } from './deadLetters.ts';
import type { Beat, Instances, Problem } from './instances.ts';
import type { ToolJournal } from './journal.ts';
import type { LiveTools, ToolEvent } from './liveTools.ts';
import type { LoadedTool } from './loadTool.ts';

/** An instance says so often that it is there, while it is used. */
const beatMs = 15_000;
/** Refused manifests an instance tells of. */
const mostRefusals = 20;

export interface ReporterDeps {
  instance: string;
  instances: Pick<Instances, 'beat' | 'leave'>;
  journal: ToolJournal;
  statistics: ToolStatistics;
  log: Logger;
  now: () => Date;
}

/** Tools as they stand, with where the published ones come from, and what the instance goes by. */
type ToolSource = Pick<LiveTools, 'current'> & Partial<Pick<LiveTools, 'loaded' | 'manifest'>>;

function originOf(loaded: LoadedTool | undefined) {
  if (!loaded) return {};
  const { sha256, publisher } = loaded.entry;
  return { sha256, publisher, since: loaded.since.toISOString() };
}

/** Tells operators what happens to tools: log, metric, journal, and the row of this instance. */
export class ToolReporter {
  readonly #deps: ReporterDeps;
  readonly #deadLetters = new DeadLetters();
  /** Since a manifest was last taken. */
  #refusals: Problem[] = [];
  #sequence = 0;
  #beatAt = Number.NEGATIVE_INFINITY;
  #isNews = true;

  constructor(deps: ReporterDeps) {
    this.#deps = deps;
  }

  report(event: ToolEvent): void {
    const { log, journal } = this.#deps;
    recordMetric('gatehouse.tools.events', 1, { 'gatehouse.outcome': event.kind });
    if (event.kind === 'swapped') log.info('tools-swapped', event);
    else if (event.kind === 'refused') log.error('tools-refused', event);
    else if (event.kind === 'dead-letter')
      log.error('tool-dead-letter', { ...event, cause: errorFields(event.cause) });
    else log.warn('tools-unavailable', errorFields(event.cause));
    if (event.kind === 'unavailable') return;
    const { cause: _, ...told } = { cause: undefined, ...event };
    this.#note(event);
    this.#isNews = true;
    journal.write(told).catch((error: unknown) => log.warn('tools-journal-failed', errorFields(error)));
  }

  /** The manifest has been looked at: says that this instance is there, if it is time or there is news. */
  async looked(source: ToolSource): Promise<void> {
    const { instances, log, now } = this.#deps;
    const at = now().getTime();
    if (!this.#isNews && at - this.#beatAt < beatMs) return;
    this.#isNews = false;
    this.#beatAt = at;
    try {
      await instances.beat(this.beat(source));
    } catch (error) {
      this.#isNews = true;
      log.warn('tools-beat-failed', errorFields(error));
    }
  }

  /** This instance ends. */
  async leave(): Promise<void> {
    const { instance, instances, log } = this.#deps;
    await instances
      .leave(instance)
      .catch((error: unknown) => log.warn('tools-leave-failed', errorFields(error)));
  }

  /** What this instance has to say of itself right now. */
  beat(source: ToolSource): Beat {
    const { instance, statistics, now } = this.#deps;
    const { sequence, tools } = source.current();
    const { loaded, manifest } = source;
    return {
      instance,
      sequence,
      at: now().toISOString(),
      tools: tools.map((tool) => ({
        name: tool.name,
        kind: tool.kind,
        version: tool.version,
        ...originOf(loaded?.get(tool.name)),
        ...statistics.figures(tool),
      })),
      problems: [...this.#refusals, ...this.#deadLetters.told({ loaded, manifest }, now())],
    };
  }

  #note(event: Exclude<ToolEvent, { kind: 'unavailable' }>): void {
    const at = this.#deps.now().toISOString();
    if (event.kind === 'dead-letter') {
      const { cause: _, ...letter } = event;
      this.#deadLetters.note({ at, ...letter, message: clipped(letter.message) });
    } else if (event.kind === 'refused')
      this.#refusals = [...this.#refusals, { at, ...event, problem: clipped(event.problem) }].slice(
        -mostRefusals,
      );
    else if (event.sequence > this.#sequence) {
      this.#sequence = event.sequence;
      this.#refusals = [];
    }
  }
}

/** All that an instance tells of has to fit into a row, and a control character is six in JSON. */
const clipped = (text: string) => shortened(text.replace(/\p{Cc}/gu, ' '));
