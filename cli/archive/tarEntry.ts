const block = 512;
const longestName = 100;
const longestPrefix = 155;
/** The largest size that eleven octal digits hold. */
const largestSize = 0o77777777777;

/** Two empty blocks, which end an archive. */
export const tarEnd: Uint8Array = Buffer.alloc(2 * block);

/** What fills a file's content up to whole blocks. */
export function tarPadding(size: number): Uint8Array {
  return Buffer.alloc((block - (size % block)) % block);
}

/**
 * The header of a regular file in a POSIX tar archive (ustar; a pax header before it where the path is long or not
 * ASCII). Time and owner are always 0, so that the same files make the same bytes.
 * @throws RangeError for a size above 8 GiB
 */
export function tarHeader(path: string, size: number): Uint8Array {
  if (size > largestSize) throw new RangeError(`${size} bytes are too many for a tar header`);
  const split = splitPath(path);
  if (split) return ustar(split, size, '0');
  const record = paxRecord('path', path);
  const stand = { prefix: '', name: asciiTail(path) };
  return Buffer.concat([
    ustar({ prefix: '', name: `PaxHeader/${asciiTail(path).slice(-80)}` }, record.length, 'x'),
    record,
    tarPadding(record.length),
    ustar(stand, size, '0'),
  ]);
}

/** A path as ustar's two fields hold it; undefined where they cannot. */
function splitPath(path: string): { prefix: string; name: string } | undefined {
  if (!/^[\x20-\x7e]+$/.test(path)) return undefined;
  if (path.length <= longestName) return { prefix: '', name: path };
  const slash = path.indexOf('/', path.length - longestName - 1);
  return slash > 0 && slash <= longestPrefix && slash < path.length - 1
    ? { prefix: path.slice(0, slash), name: path.slice(slash + 1) }
    : undefined;
}

/** For readers that know no pax headers: the end of the path, in ASCII. */
const asciiTail = (path: string) => path.replace(/[^\x21-\x7e]|^\/+/g, '_').slice(-longestName);

/** `LENGTH KEY=VALUE\n`, where the length counts its own digits too. */
function paxRecord(key: string, value: string): Buffer {
  const rest = Buffer.from(` ${key}=${value}\n`);
  let length = rest.length + 1;
  while (length !== rest.length + String(length).length) length = rest.length + String(length).length;
  return Buffer.concat([Buffer.from(String(length)), rest]);
}

function ustar({ prefix, name }: { prefix: string; name: string }, size: number, type: string): Buffer {
  const header = Buffer.alloc(block);
  const octal = (value: number, at: number, digits: number) =>
    header.write(`${value.toString(8).padStart(digits, '0')}\0`, at, 'latin1');
  header.write(name, 0, longestName, 'latin1');
  octal(0o644, 100, 7);
  octal(0, 108, 7);
  octal(0, 116, 7);
  octal(size, 124, 11);
  octal(0, 136, 11);
  header.fill(' ', 148, 156);
  header.write(type, 156, 'latin1');
  header.write('ustar\u000000', 257, 'latin1');
  header.write(prefix, 345, longestPrefix, 'latin1');
  const sum = header.reduce((total, byte) => total + byte, 0);
  header.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148, 'latin1');
  return header;
}
