const longestStopMs = 1_800;
const parentCheckMs = 500;

/**
 * Runs `stop` once on Ctrl-C, on SIGTERM or SIGHUP, or when the npm that started this process is gone (it does not pass
 * signals on), and ends the process. A second signal, or 1.8 s, ends it at once.
 */
export function onStopSignal(stop: () => Promise<void>): void {
  let stopping = false;
  const handle = () => {
    if (stopping) process.exit(130);
    stopping = true;
    setTimeout(() => process.exit(0), longestStopMs).unref();
    stop().then(
      () => process.exit(0),
      (error: unknown) => {
        console.error(error);
        process.exit(1);
      },
    );
  };
  process.on('SIGINT', handle).on('SIGTERM', handle).on('SIGHUP', handle);
  if (process.env.npm_lifecycle_event === undefined) return;
  const parent = process.ppid;
  const watch = setInterval(() => {
    if (process.ppid === parent) return;
    clearInterval(watch);
    handle();
  }, parentCheckMs);
  watch.unref();
}
