import { isDeepStrictEqual } from 'node:util';
import type { ToolContext, ToolError } from '../tool.ts';
import type { CodeBundle, CodePorts, CodeToolDefinition } from './bundle.ts';
import { CallGate } from './callGate.ts';
import { type CallServices, liveServices } from './callServices.ts';
import { cannedServices } from './cannedServices.ts';
import { CrashBreaker } from './crashBreaker.ts';
import { CodeCallError, ToolLoadError } from './failures.ts';
import type { CallFacts } from './frames.ts';
import { type CodeLimits, defaultLimits } from './limits.ts';
import { RestingProcesses } from './restingProcesses.ts';
import { SecretMask } from './secretMask.ts';
import { ToolChild } from './toolChild.ts';

/** Less time than this is not enough to begin again. */
const leastAgainMs = 50;

type Work = (child: ToolChild, leftMs: number) => Promise<unknown>;

/**
 * A published code tool, in a process of its own: started when loaded, ended when idle and started again by the next
 * call. Whatever its code does costs this tool's calls alone.
 */
export class CodeProcess {
  readonly definition: CodeToolDefinition;
  readonly #bundle: CodeBundle;
  readonly #ports: CodePorts;
  readonly #limits: CodeLimits;
  readonly #gate: CallGate;
  readonly #now: () => number;
  readonly #mask = new SecretMask();
  readonly #breaker = new CrashBreaker();
  readonly #underWay = new Set<Promise<unknown>>();
  /** The process, or the start that is under way. */
  #child: Promise<ToolChild> | undefined;
  #idle: NodeJS.Timeout | undefined;
  #isRetired = false;
  readonly #resting: RestingProcesses;

  private constructor(
    bundle: CodeBundle,
    ports: CodePorts,
    limits: CodeLimits,
    resting: RestingProcesses,
    started: { child: ToolChild; definition: CodeToolDefinition },
  ) {
    this.#resting = resting;
    this.#bundle = bundle;
    this.#ports = ports;
    this.#limits = limits;
    this.#gate = new CallGate(limits.callsAtOnce, limits.callsWaiting);
    this.#now = ports.now ?? (() => performance.now());
    this.definition = started.definition;
    this.#adopt(started.child);
    this.#restWhenIdle();
  }

  /** @throws ToolLoadError; the system's error where no process can be started. */
  static async load(
    bundle: CodeBundle,
    ports: CodePorts,
    limits: CodeLimits = defaultLimits,
    resting = new RestingProcesses(),
  ): Promise<CodeProcess> {
    if (Buffer.byteLength(bundle.code) > limits.codeBytes)
      throw new ToolLoadError('size', `the bundle is larger than ${limits.codeBytes} bytes`);
    return new CodeProcess(bundle, ports, limits, resting, await ToolChild.start(bundle, limits));
  }

  /**
   * Makes the example call that the tool brought along, where it did. Nothing leaves the machine.
   * @throws ToolLoadError of the reason `self-test`.
   */
  async selfTest(): Promise<void> {
    const test = this.definition.selfTest;
    if (!test) return;
    const facts = { tenantId: 'self-test', idempotencyKey: 'self-test', ...timesOf(new Date(), new Date()) };
    const services = cannedServices(test.fetches, this.#bundle.secrets);
    let result: unknown;
    try {
      result = await this.#run(test.input, facts, services, this.#bundle.timeoutMs);
    } catch (error) {
      const detail = error instanceof CodeCallError ? error.message : 'the tool refused its own example';
      throw new ToolLoadError('self-test', `the self-test failed: ${detail}`);
    }
    if (test.expect !== undefined && !isDeepStrictEqual(result, test.expect))
      throw new ToolLoadError('self-test', 'the self-test gave another result than the tool expects');
  }

  /**
   * Runs the tool. A call that changes nothing and whose process ended under it is made once more, while there is time.
   * @throws CodeCallError; {@link ToolError} with what the code wants the model told.
   */
  async run(input: Record<string, unknown>, context: ToolContext, deadlineMs: number): Promise<unknown> {
    const { tenantId, caller, conversationId, idempotencyKey, askedAt, now, log } = context;
    const facts = { tenantId, caller, conversationId, idempotencyKey, ...timesOf(askedAt, now) };
    const services = liveServices(this.#bundle, this.#ports, this.#limits, this.#mask, log);
    return this.#run(input, facts, services, Math.min(deadlineMs, this.#bundle.timeoutMs));
  }

  /** Lets calls under way end, each by its deadline, then ends the process. Calls that come later are refused. */
  async retire(): Promise<void> {
    this.#isRetired = true;
    await Promise.allSettled(this.#underWay);
    this.#wake();
    await this.#stop();
  }

  async #run(
    input: Record<string, unknown>,
    facts: CallFacts,
    services: CallServices,
    deadlineMs: number,
  ): Promise<unknown> {
    if (JSON.stringify(input).length > this.#limits.input) throw new CodeCallError('input');
    if (this.#isRetired) throw new CodeCallError('retired');
    const running = this.#throughGate(
      (child, leftMs) => child.call(input, facts, services, leftMs),
      performance.now() + deadlineMs,
    );
    this.#underWay.add(running);
    try {
      return await running;
    } finally {
      this.#underWay.delete(running);
    }
  }

  async #throughGate(work: Work, endsAt: number): Promise<unknown> {
    this.#wake();
    const entered = await this.#gate.enter(endsAt - performance.now());
    if (entered !== 'entered') throw new CodeCallError(entered === 'full' ? 'busy' : 'timeout');
    try {
      return await this.#attempt(work, endsAt);
    } catch (error) {
      const mayRepeat = isCrash(error) && !this.definition.sideEffect;
      if (!mayRepeat || endsAt - performance.now() < leastAgainMs) throw error;
      return await this.#attempt(work, endsAt);
    } finally {
      this.#gate.leave();
      if (this.#gate.size === 0) this.#restWhenIdle();
    }
  }

  async #attempt(work: Work, endsAt: number): Promise<unknown> {
    const child = await inTime(this.#started(), endsAt);
    const leftMs = endsAt - performance.now();
    if (leftMs <= 0) throw new CodeCallError('timeout');
    return work(child, leftMs);
  }

  #started(): Promise<ToolChild> {
    if (this.#child !== undefined) return this.#child;
    if (this.#breaker.isResting(this.#now())) return Promise.reject(new CodeCallError('resting'));
    const starting = this.#start();
    this.#child = starting;
    return starting;
  }

  async #start(): Promise<ToolChild> {
    try {
      const { child } = await ToolChild.start(this.#bundle, this.#limits);
      this.#adopt(child);
      return child;
    } catch (error) {
      this.#child = undefined;
      this.#breaker.crashed(this.#now());
      throw new CodeCallError('start', error instanceof ToolLoadError ? error.reason : '');
    }
  }

  /** From here on its end is a crash, unless it was meant. */
  #adopt(child: ToolChild): void {
    const own = Promise.resolve(child);
    this.#child = own;
    void child.ended.then(() => {
      if (this.#child !== own) return;
      this.#child = undefined;
      this.#breaker.crashed(this.#now());
    });
  }

  #restWhenIdle(): void {
    this.#wake();
    const end = () => void this.#stop();
    this.#idle = setTimeout(end, this.#limits.idleMs).unref();
    this.#resting.rests(this, end);
  }

  #wake(): void {
    clearTimeout(this.#idle);
    this.#resting.wakes(this);
  }

  async #stop(): Promise<void> {
    this.#wake();
    const stopping = this.#child;
    this.#child = undefined;
    const child = await stopping?.catch(() => undefined);
    child?.kill();
    await child?.ended;
  }
}

const timesOf = (askedAt: Date, now: Date) => ({ askedAt: askedAt.toISOString(), now: now.toISOString() });

const isCrash = (error: unknown) => error instanceof CodeCallError && error.code === 'crash';

async function inTime<T>(work: Promise<T>, endsAt: number): Promise<T> {
  const late = Promise.withResolvers<never>();
  const timer = setTimeout(
    () => late.reject(new CodeCallError('timeout')),
    endsAt - performance.now(),
  ).unref();
  try {
    return await Promise.race([work, late.promise]);
  } finally {
    clearTimeout(timer);
  }
}
