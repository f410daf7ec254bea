import { createHmac } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { tryJson } from '../../shared/tryJson.ts';
import { membersOf } from '../../shared/voice/messages/tolerant.ts';
import type { Journal } from './journal.ts';
import type { Plan } from './plan.ts';
import type { PlannedCall, Step, Thread } from './plannedCall.ts';
import { readToolAnswer } from './toolAnswers.ts';
import { askMessage, isLasting, type ToolAsk } from './toolAsk.ts';
import { type Reply, Wire } from './wire.ts';

export interface DelivererOptions {
  /** Addresses of the instances that a load balancer would know now. */
  bases: () => readonly string[];
  /** Calls that are under way at the same time. */
  concurrency: number;
  /** After each acknowledged delivery. */
  onProgress: () => void;
}

/**
 * An exponential `backoffPlan`. Vapi's has ten retries at most, with waits that soon are minutes; to save time these wait
 * three seconds at most, and are more.
 */
const mostRetries = 20;
const baseDelayMs = 200;
const longestDelayMs = 3_000;
/** Vapi's own: 20 s, and 7.5 s where a phone rings. */
const timeoutMs = 20_000;
const ringingMs = 7_500;
/** How often a model tries a tool that fails. */
const mostAsked = 8;
const mostUnderWay = 3;

/** Before the n-th repetition. */
const waitBefore = (n: number) => sleep(Math.min(longestDelayMs, baseDelayMs * 2 ** (n - 1)));

/**
 * Plays Vapi: sends the day's deliveries, many calls at a time, each in the order of its plan. A delivery that is not
 * answered with 2xx is made again by the backoff plan; one that is, never. A tool that fails is asked for again by the
 * model, under a new id.
 */
export class Deliverer {
  readonly #plan: Plan;
  readonly #journal: Journal;
  readonly #options: DelivererOptions;
  readonly #wire = new Wire();
  #turn = 0;

  constructor(plan: Plan, journal: Journal, options: DelivererOptions) {
    this.#plan = plan;
    this.#journal = journal;
    this.#options = options;
  }

  /** Deliveries of the plan, copies and repeats included. */
  static count({ threads }: Plan): number {
    const steps = threads.flatMap(({ calls }) => calls.flatMap((call) => call.steps));
    return steps.reduce((sum, { copies }) => sum + copies, 0);
  }

  async play(): Promise<void> {
    const left = [...this.#plan.threads].reverse();
    const work = async () => {
      for (let thread = left.pop(); thread; thread = left.pop()) await this.#thread(thread);
    };
    await Promise.all(Array.from({ length: this.#options.concurrency }, work));
    this.#wire.close();
  }

  async #thread({ calls }: Thread): Promise<void> {
    for (const call of calls) {
      const underWay: Promise<void>[] = [];
      for (const step of call.steps) {
        const sent = this.#step(call, step);
        if (step.waits) await sent;
        else underWay.push(sent);
        if (underWay.length >= mostUnderWay) await underWay.shift();
      }
      await Promise.all(underWay);
    }
  }

  async #step(call: PlannedCall, step: Step): Promise<void> {
    // What failed the first time would do its work now, and the model has long asked again.
    if (step.isRepeat && step.asks.some((ask) => this.#journal.ask(ask).failed.includes(ask.id))) return;
    if (step.isRepeat) this.#journal.duplicates++;
    this.#journal.duplicates += step.copies - 1;
    const copies = Array.from({ length: step.copies }, () => this.#deliver(call, step));
    const failed = (await Promise.all(copies)).reduce((some, one) => some.filter((ask) => one.includes(ask)));
    for (const ask of failed) await this.#askAgain(call, step, ask);
  }

  /** The model hears that a tool failed, and tries it again. */
  async #askAgain(call: PlannedCall, step: Step, ask: ToolAsk): Promise<void> {
    if (!isLasting(ask)) {
      this.#journal.unhelped++;
      return;
    }
    const record = this.#journal.ask(ask);
    const at = Number(new Date(step.message.timestamp as string | number));
    for (let i = 1; i <= mostAsked; i++) {
      record.failed.push(i === 1 ? ask.id : `${ask.id}r${i - 1}`);
      this.#journal.askedAgain++;
      await waitBefore(i);
      const again = { ...ask, id: `${ask.id}r${i}`, args: { ...ask.args } };
      const message = askMessage(call.frame, [again], at + i, []);
      const failed = await this.#deliver(call, {
        ...step,
        messageId: `${step.messageId}-${i}-${ask.id}`,
        message,
        asks: [again],
      });
      if (failed.length > 0) continue;
      record.result = this.#journal.ask(again).result;
      return;
    }
    this.#journal.fault(`${ask.name} ${ask.id} failed ${mostAsked + 1} times`);
  }

  /** One delivery until it is acknowledged. Gives the tools that failed. */
  async #deliver(call: PlannedCall, step: Step): Promise<ToolAsk[]> {
    const body = JSON.stringify({ message: step.message });
    const isRinging = step.message.type === 'assistant-request';
    for (let retry = 0; retry <= mostRetries; retry++) {
      this.#journal.sent++;
      const reply = await this.#send(call, step, body, isRinging ? ringingMs : timeoutMs);
      if (reply.kind === 'answered' && reply.status === 200)
        return this.#acknowledged(call, step, reply.text);
      if (reply.kind === 'answered' && (reply.status < 500 || isRinging))
        this.#journal.fault(`${String(step.message.type)} was answered with ${reply.status} ${reply.text}`);
      if (isRinging) {
        this.#journal.unanswered++;
        return [];
      }
      this.#journal.retried(reply.kind === 'answered' ? String(reply.status) : reply.kind);
      await waitBefore(retry + 1);
    }
    this.#journal.fault(`${String(step.message.type)} of ${call.frame.callId} was never acknowledged`);
    return [];
  }

  #acknowledged({ tenantId }: PlannedCall, { message, asks }: Step, text: string): ToolAsk[] {
    this.#journal.acknowledged++;
    this.#options.onProgress();
    if (asks.length > 0) return readToolAnswer(message, asks, text, this.#journal);
    if (message.type !== 'assistant-request') return [];
    const { assistant } = membersOf(tryJson(text));
    const answered = membersOf(membersOf(assistant).metadata).tenant_id;
    if (answered === undefined && tenantId !== undefined) this.#journal.turnedAway++;
    else if (answered !== tenantId)
      this.#journal.fault(`a call to ${tenantId} was answered for ${String(answered)}`);
    return [];
  }

  #send(call: PlannedCall, step: Step, body: string, patience: number): Promise<Reply> {
    const bases = this.#options.bases();
    const base = bases[this.#turn++ % bases.length] ?? '';
    const { callId } = call.frame;
    const headers = {
      'user-agent': 'axios/1.8.3',
      accept: 'application/json, text/plain, */*',
      'content-type': 'application/json',
      'x-call-id': callId,
      cookie: `callId=${callId}`,
      ...this.#credential(call, step, body),
    };
    return this.#wire.post(`${base}/api/vapi/webhook`, body, headers, patience);
  }

  #credential({ credential }: PlannedCall, { messageId }: Step, body: string): Record<string, string> {
    if (credential === 'secret') return { 'x-vapi-secret': this.#plan.webhookSecret };
    const timestamp = String(Date.now());
    const signature = createHmac('sha256', this.#plan.hmacSecret)
      .update(`${timestamp}.${body}`)
      .digest('hex');
    return {
      'x-vapi-secret': '',
      'x-timestamp': timestamp,
      'x-signature': signature,
      'x-message-id': messageId,
    };
  }
}
