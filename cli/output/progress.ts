import { dollars, duration, whole } from './numbers.ts';
import { plain, shorten } from './plainText.ts';
import type { Screen } from './screen.ts';

/** How far something is, in the words of whoever does it. */
export interface Step {
  what: string;
  /** Of `of` steps; without it there is only a spinner. */
  done?: number;
  of?: number;
  /** Further figures, in a few words. */
  note?: string;
  /** Usually over at once: a log has no line for it unless it lasts. */
  isBrief?: boolean;
}

const barLength = 24;
const everyMs = 100;
const plainEveryMs = 15_000;
const briefMs = 5000;

/**
 * Shows one step after the other: on a terminal as a bar that is drawn anew ten times a second, else as a line when the
 * step changes and at most every 15 seconds. `stop` ends it.
 */
export class ProgressLine {
  readonly #screen: Screen;
  readonly #now: () => number;
  readonly #started: number;
  #step: Step | undefined;
  #stepAt = 0;
  #saidAt = Number.NEGATIVE_INFINITY;
  #said = '';
  #frame = 0;
  #timer: NodeJS.Timeout | undefined;

  constructor(screen: Screen, now: () => number = Date.now) {
    this.#screen = screen;
    this.#now = now;
    this.#started = now();
  }

  show(step: Step): void {
    if (this.#step?.what !== step.what) this.#stepAt = this.#now();
    this.#step = step;
    if (!this.#screen.isLive) this.#say();
    else if (!this.#timer) {
      this.#timer = setInterval(() => this.#draw(), everyMs);
      this.#timer.unref();
      this.#draw();
    }
  }

  /** Leaves the line empty; a later `show` goes on. */
  stop(): void {
    clearInterval(this.#timer);
    this.#timer = undefined;
    this.#step = undefined;
    this.#screen.clearBar();
  }

  #say(): void {
    const step = this.#step;
    const now = this.#now();
    if (!step || (step.isBrief && now - this.#stepAt < briefMs)) return;
    if (step.what === this.#said && now - this.#saidAt < plainEveryMs) return;
    this.#said = step.what;
    this.#saidAt = now;
    this.#screen.line(`  ${stepLine(step, now - this.#started)}`);
  }

  #draw(): void {
    if (!this.#step) return;
    const { style, barWidth } = this.#screen;
    const spin = [...style.signs.spin];
    const sign = spin[this.#frame++ % spin.length] ?? '';
    const text = barLine(this.#step, this.#now() - this.#started, style.signs);
    this.#screen.bar(`${style.cyan(sign)} ${shorten(text, barWidth - 2)}`);
  }
}

/** A step as a line of a log: `assessing: 12 of 40 steps, 184,201 tokens, $0.12 (42 s)`. */
export function stepLine({ what, done, of, note }: Step, ms: number): string {
  const steps = done !== undefined && of ? `${whole(done)} of ${whole(of)}` : '';
  const figures = [steps, note ? plain(note) : ''].filter(Boolean).join(', ');
  const elapsed = ms >= 1000 ? ` (${duration(ms)})` : '';
  return `${plain(what)}${figures ? `: ${figures}` : ''}${elapsed}`;
}

/** A step as a bar, without colours. */
export function barLine(
  { what, done, of, note }: Step,
  ms: number,
  signs: { full: string; empty: string },
): string {
  const filled = done !== undefined && of ? Math.min(barLength, Math.floor((done / of) * barLength)) : 0;
  const bar =
    done !== undefined && of
      ? `${signs.full.repeat(filled)}${signs.empty.repeat(barLength - filled)}  ${done}/${of}`
      : '';
  const seconds = Math.floor(ms / 1000) * 1000;
  return [plain(what), bar, note ? plain(note) : '', duration(seconds)].filter(Boolean).join('  ');
}

/** Tokens and money so far, in a few words. */
export function spentNote(tokens: number, usd: number | null): string {
  const money = usd === null || usd === 0 ? '' : `, ${dollars(usd)}`;
  return tokens > 0 ? `${whole(tokens)} tokens${money}` : '';
}
