import { type Running, root, run } from '../support/process.ts';

export interface FleetOptions {
  /** Settings of each instance, by its number. */
  env: (i: number) => Record<string, string>;
  size: number;
}

/** Instances of the app, each a process of its own under the local host. */
export class Fleet {
  readonly #options: FleetOptions;
  readonly #running: (Running | undefined)[] = [];
  /** What ended processes had printed. */
  readonly #printed: string[] = [];
  kills = 0;

  constructor(options: FleetOptions) {
    this.#options = options;
  }

  async start(): Promise<void> {
    // One after the other: the first builds the bundle where it is old.
    for (let i = 0; i < this.#options.size; i++) await this.#start(i);
  }

  async #start(i: number): Promise<void> {
    this.#running[i] = await run('local/start.ts', ['--port', '0'], {
      NODE_OPTIONS: `--import=${root}test/day/crmRoute.ts`,
      NODE_EXTRA_CA_CERTS: `${root}test/fixtures/tls/localhost.cert.pem`,
      ...this.#options.env(i),
    });
  }

  /** Where a load balancer sends requests: it has not noticed yet what was killed. */
  get bases(): string[] {
    return this.#running.flatMap((instance) => (instance ? [instance.base] : []));
  }

  /** Ends an instance as a lost machine would. */
  async kill(i: number): Promise<void> {
    const instance = this.#running[i];
    if (!instance) return;
    this.kills++;
    const gone = new Promise((resolve) => instance.child.once('exit', resolve));
    instance.child.kill('SIGKILL');
    await gone;
    this.#printed.push(instance.output());
  }

  async restart(i: number): Promise<void> {
    await this.#start(i);
  }

  /** Everything that any process has printed. */
  output(): string[] {
    return [...this.#printed, ...this.#running.flatMap((instance) => (instance ? [instance.output()] : []))];
  }

  async stop(): Promise<void> {
    await Promise.all(this.#running.map((instance) => instance?.stop()));
  }
}
