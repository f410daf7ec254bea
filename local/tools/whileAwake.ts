/** The processes of tools keep nobody up: does work that waits for them. */
export async function whileAwake<T>(work: () => Promise<T>): Promise<T> {
  const awake = setInterval(() => {}, 1_000);
  try {
    return await work();
  } finally {
    clearInterval(awake);
  }
}
