/* v8 ignore start -- runs in the tool's process */
/**
 * Timers that show nothing of Node's own, whose list of timers leads from one to all others; a clock; and a console
 * that says nothing, as the real one leads to sockets.
 */
export function makeTimers(): Record<string, unknown> {
  const {
    setTimeout: timeout,
    setInterval: interval,
    setImmediate: immediate,
    clearTimeout: clear,
  } = globalThis;
  const clearIt = globalThis.clearImmediate;
  const now = performance.now.bind(performance);
  const ends = new WeakMap<object, () => void>();
  type Work = (...args: unknown[]) => void;

  function handle(end: () => void): object {
    const shown: Record<string, unknown> = {
      ref: () => shown,
      unref: () => shown,
      hasRef: () => true,
    };
    ends.set(shown, end);
    return Object.freeze(shown);
  }
  function waiting(start: typeof timeout | typeof interval) {
    return (work: Work, ms?: number, ...args: unknown[]) => {
      const timer = start(() => work(...args), ms);
      return handle(() => clear(timer));
    };
  }
  const end = (shown: unknown) => void (typeof shown === 'object' && shown !== null && ends.get(shown)?.());
  const says = [
    'log',
    'info',
    'warn',
    'error',
    'debug',
    'trace',
    'dir',
    'assert',
    'group',
    'groupEnd',
    'time',
  ];
  return {
    setTimeout: waiting(timeout),
    setInterval: waiting(interval),
    setImmediate: (work: Work, ...args: unknown[]) => {
      const timer = immediate(() => work(...args));
      return handle(() => clearIt(timer));
    },
    clearTimeout: end,
    clearInterval: end,
    clearImmediate: end,
    performance: Object.freeze({ now: () => now() }),
    console: Object.freeze(
      Object.fromEntries([...says, 'timeEnd', 'table', 'count'].map((say) => [say, () => {}])),
    ),
  };
}
/* v8 ignore stop */
