import { setTimeout as sleep } from 'node:timers/promises';
import { retryAfterOf } from '../../shared/retryAfter.ts';
import { Failure, GaveUp } from '../failure.ts';
import { duration } from '../output/numbers.ts';
import { type Ask, exchange, NoAnswer, type Reply } from './exchange.ts';
import { readProblem, refusalText } from './problem.ts';
import { retryDelay, type Setback } from './retryPolicy.ts';
import type { Service } from './serviceAddress.ts';

const mostRedirects = 3;
const redirects = new Set([301, 302, 303, 307, 308]);

export interface ClientSettings {
  service: Service;
  /** `gatehouse-audit/1.2.3`. */
  agent: string;
  /** Ends everything; its reason is thrown. */
  signal: AbortSignal;
  /** When to give up, in milliseconds of `now`. */
  deadline: number;
  now: () => number;
  /** Told, in a sentence, of every wait for another try. */
  onWait: (sentence: string) => void;
}

export interface Call extends Pick<Ask, 'method' | 'url' | 'body' | 'timeoutMs' | 'onSent'> {
  /** Made anew for every try. */
  headers?: () => Record<string, string>;
  /** Told before another try. */
  onSetback?: (setback: Setback) => void;
}

/** Asks the service with its key, again and again while it cannot be reached or is busy, until the deadline. */
export class Client {
  readonly #settings: ClientSettings;

  constructor(settings: ClientSettings) {
    this.#settings = settings;
  }

  get endpoint(): URL {
    return this.#settings.service.endpoint;
  }

  /** The answer, whatever its status but 429 and 503. @throws GaveUp where there is none in time */
  async call(call: Call): Promise<Reply> {
    const { signal, deadline, now, onWait } = this.#settings;
    for (let nth = 1; ; nth++) {
      const { setback, sentence, reply } = await this.#try(call);
      if (!setback && reply) return reply;
      const delay = setback && retryDelay(setback, nth, Math.random());
      if (delay === undefined) throw new GaveUp(sentence);
      const tries = nth > 1 ? ` (${nth} tries)` : '';
      if (now() + delay > deadline)
        throw new GaveUp(
          `${sentence.replace(/\.$/, '')}${tries}. Another try would come after the --timeout.`,
        );
      onWait(`${sentence.replace(/\.$/, '')}: trying again in ${duration(Math.max(1000, delay))}.`);
      call.onSetback?.(setback as Setback);
      await sleep(delay, undefined, { signal }).catch(() => signal.throwIfAborted());
    }
  }

  /** One request without another try, for what must not take long. */
  once(call: Omit<Call, 'headers' | 'onSetback'>, signal: AbortSignal): Promise<Reply> {
    return exchange({ ...call, headers: this.#headers(), signal });
  }

  async #try(call: Call): Promise<{ setback?: Setback; sentence: string; reply?: Reply }> {
    const { host } = this.endpoint;
    try {
      const reply = await this.#follow(call);
      const problem = readProblem(reply.text);
      const sentence = refusalText(reply, host);
      if ((reply.status === 429 || reply.status === 503) && problem.retryable !== false) {
        const retryAfterMs = retryAfterOf(reply.headers, this.#settings.now());
        return { sentence, setback: { kind: 'busy', retryAfterMs } };
      }
      // A gateway's own words: the service may well be at work behind it.
      if ((reply.status === 502 || reply.status === 504) && problem.retryable === undefined)
        return { sentence, setback: { kind: 'no-answer', code: 'EGATEWAY' } };
      return { sentence, reply };
    } catch (error) {
      if (!(error instanceof NoAnswer)) throw error;
      return {
        sentence: `${host} cannot be reached: ${error.message}.`,
        setback: { kind: 'no-answer', code: error.code },
      };
    }
  }

  async #follow(call: Call): Promise<Reply> {
    let { url } = call;
    for (let hops = 0; ; hops++) {
      const headers = { ...this.#headers(), ...call.headers?.() };
      const reply = await exchange({ ...call, url, headers, signal: this.#settings.signal });
      if (!redirects.has(reply.status)) return reply;
      const target = redirectTarget(reply, url);
      const keepsBody = reply.status === 307 || reply.status === 308 || call.method === 'GET';
      if (!target || hops >= mostRedirects || !keepsBody || !isSameService(url, target))
        throw new Failure(
          `${url.host} redirects to ${target ? target.origin + target.pathname : 'nowhere'}. The key is not sent there: set GATEHOUSE_URL to it if it is your Gatehouse.`,
        );
      url = target;
    }
  }

  #headers(): Record<string, string> {
    const { service, agent } = this.#settings;
    return {
      accept: 'application/json, application/problem+json',
      'user-agent': agent,
      ...(service.key ? { 'x-functions-key': service.key } : {}),
    };
  }
}

function redirectTarget({ headers }: Reply, from: URL): URL | undefined {
  const location = headers.get('location');
  return location && URL.canParse(location, from.href) ? new URL(location, from) : undefined;
}

/** The same host and port, or the same host with TLS in place of none. */
function isSameService(from: URL, to: URL): boolean {
  const isUpgrade = from.protocol === 'http:' && to.protocol === 'https:' && from.hostname === to.hostname;
  return to.origin === from.origin || isUpgrade;
}
