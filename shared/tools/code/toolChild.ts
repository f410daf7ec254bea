import { boundedJson } from '../boundedJson.ts';
import { ToolError } from '../tool.ts';
import type { CodeBundle, CodeToolDefinition } from './bundle.ts';
import type { CallServices } from './callServices.ts';
import { type Child, startChild } from './childProcess.ts';
import { readDefinition } from './definition.ts';
import { CodeCallError, ToolLoadError } from './failures.ts';
import type { CallFacts, FromChild, Reply } from './frames.ts';
import type { CodeLimits } from './limits.ts';
import { giveWay, takenBy } from './systemProcess.ts';

const watchMs = 100;
/** While no call runs, every so many looks are one. */
const idleLooks = 10;
/** Time on a core without a word: who takes more does not wait for anything, and gives way to those who do. */
const silentCpuMs = 300;
/** Nobody waits for a process without calls: it may take so many times longer to answer. */
const idlePatience = 4;

interface CallUnderWay {
  services: CallServices;
  /** By `performance.now`. */
  endsAt: number;
  asks: number;
  resolve(result: unknown): void;
  reject(error: Error): void;
}

/** One process with one bundle loaded, from its start to its end. It is killed when it hangs or takes too much memory. */
export class ToolChild {
  readonly #limits: CodeLimits;
  readonly #child: Child;
  readonly #loading = Promise.withResolvers<string>();
  readonly #ending = Promise.withResolvers<void>();
  readonly #calls = new Map<number, CallUnderWay>();
  readonly #pings = new Map<number, () => void>();
  readonly #watch: NodeJS.Timeout;
  #isLoaded = false;
  #hasEnded = false;
  #hasSpoken = false;
  #hasGivenWay = false;
  /** Its time on a core when it was last heard. */
  #spokeAtCpuMs = 0;
  #looks = 0;
  #lastId = 0;

  private constructor(limits: CodeLimits) {
    this.#limits = limits;
    this.#child = startChild(limits, {
      frame: (frame) => this.#hear(frame),
      ended: () => this.#end(),
    });
    this.#watch = setInterval(() => void this.#look(), watchMs).unref();
  }

  /** @throws ToolLoadError, and then nothing of it is left; the system's error where no process can be started. */
  static async start(
    { name, code }: Pick<CodeBundle, 'name' | 'code'>,
    limits: CodeLimits,
  ): Promise<{ child: ToolChild; definition: CodeToolDefinition }> {
    const child = new ToolChild(limits);
    const late = new ToolLoadError('timeout', `the bundle was not loaded within ${limits.loadMs} ms`);
    const timer = setTimeout(() => child.#loading.reject(late), limits.loadMs).unref();
    try {
      child.#child.send({ kind: 'load', code });
      const definition = readDefinition(await child.#loading.promise, name, limits.definition);
      child.#isLoaded = true;
      return { child, definition };
    } catch (error) {
      child.kill();
      throw error;
    } finally {
      clearTimeout(timer);
    }
  }

  /** Settles when the process has ended, for whatever reason. */
  get ended(): Promise<void> {
    return this.#ending.promise;
  }

  /** The process's id. */
  get pid(): number {
    return this.#child.pid;
  }

  kill(): void {
    this.#child.kill();
  }

  /**
   * @throws CodeCallError `timeout` after `deadlineMs`, `crash` where the process ended, `threw` or `result` for what
   *   the code did; {@link ToolError} with what it wants the model told.
   */
  async call(input: unknown, facts: CallFacts, services: CallServices, deadlineMs: number): Promise<unknown> {
    if (this.#hasEnded) throw new CodeCallError('crash');
    const id = ++this.#lastId;
    const { promise, resolve, reject } = Promise.withResolvers<unknown>();
    this.#calls.set(id, { services, endsAt: performance.now() + deadlineMs, asks: 0, resolve, reject });
    const timer = setTimeout(() => {
      reject(new CodeCallError('timeout'));
      this.#child.send({ kind: 'abort', id });
      this.#ping(this.#limits.pingMs);
    }, deadlineMs).unref();
    this.#child.send({ kind: 'call', id, input, facts });
    try {
      return await promise;
    } finally {
      clearTimeout(timer);
      this.#calls.delete(id);
    }
  }

  #hear(frame: FromChild): void {
    this.#hasSpoken = true;
    if (frame.kind === 'loaded') this.#loading.resolve(frame.definition);
    else if (frame.kind === 'not-loaded') this.#loading.reject(new ToolLoadError(frame.reason, frame.detail));
    else if (frame.kind === 'pong') this.#pings.get(frame.id)?.();
    else this.#hearOf(this.#calls.get(frame.id), frame);
  }

  /** Of a call that is over nothing is heard. */
  #hearOf(call: CallUnderWay | undefined, frame: Extract<FromChild, { id: number }>): void {
    if (!call) return;
    if (frame.kind === 'done') {
      const result = boundedJson(frame.result, this.#limits.result);
      if (result === undefined) call.reject(new CodeCallError('result'));
      else call.resolve(result);
    } else if (frame.kind === 'failed') {
      const { how, detail } = frame;
      call.reject(how === 'told' ? new ToolError(detail) : new CodeCallError(how, detail));
    } else if (frame.kind === 'log') call.services.log(frame.event, frame.fields);
    else if (frame.kind === 'ask') void this.#answer(call, frame);
  }

  async #answer(
    call: CallUnderWay,
    { id, ask, what, given }: Extract<FromChild, { kind: 'ask' }>,
  ): Promise<void> {
    // The process itself holds to this: one that does not is none of ours.
    if (++call.asks > this.#limits.asks) return this.kill();
    const asked = async (): Promise<Reply> => {
      if (what === 'secret') return call.services.secret(given);
      return call.services.fetch(given, Math.max(1, call.endsAt - performance.now()));
    };
    const reply = await asked().catch((): Reply => ({ ok: false, code: 'unavailable' }));
    this.#child.send({ kind: 'reply', id, ask, reply });
  }

  /** Kills a process that does not answer in time. */
  #ping(patienceMs: number): void {
    const id = ++this.#lastId;
    const timer = setTimeout(() => this.kill(), patienceMs).unref();
    this.#pings.set(id, () => {
      clearTimeout(timer);
      this.#pings.delete(id);
    });
    this.#child.send({ kind: 'ping', id });
  }

  async #look(): Promise<void> {
    const isBusy = !this.#isLoaded || this.#calls.size > 0;
    if (!isBusy && ++this.#looks % idleLooks !== 0) return;
    // Code may go on after it has answered.
    if (!isBusy) this.#ping(idlePatience * this.#limits.pingMs);
    const { residentMb, cpuMs = 0 } = await takenBy(this.pid);
    if (residentMb !== undefined && residentMb > this.#limits.residentMb) this.kill();
    if (this.#hasSpoken) [this.#hasSpoken, this.#spokeAtCpuMs] = [false, cpuMs];
    else if (cpuMs - this.#spokeAtCpuMs > silentCpuMs && !this.#hasGivenWay) {
      this.#hasGivenWay = true;
      await giveWay(this.pid);
    }
  }

  #end(): void {
    this.#hasEnded = true;
    clearInterval(this.#watch);
    this.#loading.reject(new ToolLoadError('crash', 'the process ended while the bundle was loaded'));
    for (const call of this.#calls.values()) call.reject(new CodeCallError('crash'));
    this.#ending.resolve();
  }
}
