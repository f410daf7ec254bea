const longestStopMs = 1_800;

/** Runs `stop` once on Ctrl-C or SIGTERM and ends the process; a second signal, or 1.8 s, ends it at once. */
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
  process.on('SIGINT', handle).on('SIGTERM', handle);
}
