/** @throws Error for anything but a whole number from 0 to 65535. */
export function parsePort(text: string): number {
  const port = Number(text);
  if (!/^\d+$/.test(text) || port > 65535)
    throw new Error(`"${text}" is not a port; give a number from 0 (any free port) to 65535`);
  return port;
}

/** Turns `EADDRINUSE` into a sentence that says what to do with `command`; any other error is passed on. */
export function portInUse(error: unknown, port: number, command: string): unknown {
  if ((error as NodeJS.ErrnoException).code !== 'EADDRINUSE') return error;
  const other = command.includes(' -- ') ? command : `${command} --`;
  return new Error(
    `Port ${port} is in use by another program. Stop it, or choose another port: ${other} --port ${port === 7072 ? 7073 : 7072} (0 takes a free one).`,
  );
}
