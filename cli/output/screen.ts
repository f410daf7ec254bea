import { noCommand } from './plainText.ts';
import type { Style } from './style.ts';

/** A stream that is written to: standard output or standard error. */
export interface Sink {
  write(text: string): unknown;
  isTTY?: boolean;
  columns?: number;
}

export interface ScreenSettings {
  /** Where people read. */
  people: Sink;
  /** Where reports to standard output go. */
  data: Sink;
  /** Where the progress bar is drawn, if it is a terminal. */
  bar: Sink;
  style: Style;
  quiet: boolean;
  /** Never printed, wherever it comes from. */
  secret: string | undefined;
}

/** All that the command prints goes through here: lines for people, data for programs, and one line of progress. */
export class Screen {
  readonly style: Style;
  readonly isLive: boolean;
  readonly #settings: ScreenSettings;
  #bar = '';

  constructor(settings: ScreenSettings) {
    this.#settings = settings;
    this.style = settings.style;
    this.isLive = Boolean(settings.bar.isTTY) && !settings.quiet;
  }

  /** Columns there are for a line; a log that nobody has laid out takes more than a terminal. */
  get width(): number {
    const { isTTY, columns } = this.#settings.people;
    return isTTY ? Math.min(columns || 80, 110) : 160;
  }

  /** A line for people; nothing where the command is to be quiet. */
  line(text = ''): void {
    if (!this.#settings.quiet) this.always(text);
  }

  /** A line for people that is printed whatever else is not. */
  always(text: string): void {
    this.#aboveBar(() => this.#settings.people.write(`${this.#safe(noCommand(text))}\n`));
  }

  /** Text for programs, as it is. */
  data(text: string): void {
    this.#aboveBar(() => this.#settings.data.write(this.#safe(text.endsWith('\n') ? text : `${text}\n`)));
  }

  /** JSON for programs, which a pipeline whose log it ends up in takes for no command. */
  json(value: unknown): void {
    this.data(JSON.stringify(value, null, 2).replaceAll('##', '#\\u0023'));
  }

  /** A command for the pipeline around this: where people read, so that it never stands amid data. */
  command(line: string): void {
    this.#aboveBar(() => this.#settings.people.write(`${this.#safe(line)}\n`));
  }

  /** Draws the progress line anew; nothing where there is no terminal. */
  bar(text: string): void {
    if (!this.isLive) return;
    this.#bar = this.#safe(text);
    this.#settings.bar.write(`\r\u001b[2K${this.#bar}`);
  }

  /** Takes the progress line away. */
  clearBar(): void {
    if (this.#bar !== '') this.#settings.bar.write('\r\u001b[2K');
    this.#bar = '';
  }

  /** Columns of the progress line; one is left free, so that it never wraps. */
  get barWidth(): number {
    return Math.max(20, (this.#settings.bar.columns || 80) - 1);
  }

  #aboveBar(write: () => void): void {
    const bar = this.#bar;
    this.clearBar();
    write();
    if (bar !== '') this.bar(bar);
  }

  #safe(text: string): string {
    const { secret } = this.#settings;
    return secret ? text.replaceAll(secret, '***') : text;
  }
}
