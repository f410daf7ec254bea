/** What the first bytes say an upload is. */
export type ArchiveFormat = 'gzip' | 'zip' | 'tar';

/** Enough for the mark of tar, which stands at byte 257. */
const headLength = 262;

function formatOf(head: Buffer): ArchiveFormat | undefined {
  if (head.length >= 2 && head.readUInt16BE() === 0x1f8b) return 'gzip';
  if (head.length >= 4 && ['PK\u0003\u0004', 'PK\u0005\u0006'].includes(head.toString('latin1', 0, 4)))
    return 'zip';
  if (head.toString('latin1', 257, headLength) === 'ustar') return 'tar';
  return undefined;
}

/** The bytes of an upload; `return` gives up the rest of them. */
export type Pieces = AsyncIterableIterator<Uint8Array> & Required<Pick<AsyncIterator<Uint8Array>, 'return'>>;

/** Looks at the first bytes of an upload; `pieces` gives all of it, those included. */
export async function sniff(
  given: AsyncIterable<Uint8Array>,
): Promise<{ format: ArchiveFormat | undefined; isEmpty: boolean; pieces: Pieces }> {
  const iterator = given[Symbol.asyncIterator]();
  const first: Uint8Array[] = [];
  let length = 0;
  while (length < headLength) {
    const { done, value } = await iterator.next();
    if (done) break;
    first.push(value);
    length += value.length;
  }
  return { format: formatOf(Buffer.concat(first)), isEmpty: length === 0, pieces: resumed(first, iterator) };
}

function resumed(first: Uint8Array[], iterator: AsyncIterator<Uint8Array>): Pieces {
  return {
    [Symbol.asyncIterator]() {
      return this;
    },
    next() {
      const value = first.shift();
      return value ? Promise.resolve({ done: false, value }) : iterator.next();
    },
    async return() {
      await iterator.return?.();
      return { done: true, value: undefined };
    },
  };
}
