/** More than any sender rotates through. */
const mostSignatures = 16;

const isSeparator = (character: string | undefined) =>
  character === ' ' || character === ',' || character === '\t';

function skip(header: string, from: number, over: boolean): number {
  let at = from;
  while (at < header.length && isSeparator(header[at]) === over) at++;
  return at;
}

/**
 * The signatures in a header, without their prefix. Several may stand there, parted by spaces or commas, as Svix sends
 * them while keys rotate (`v1,abc v1,def`); the prefix itself may hold a comma or a space. With a prefix configured, what
 * does not begin with it is passed over. Any of them may match: each has to be a whole signature.
 */
export function signaturesIn(header: string, prefix: string): string[] {
  const found: string[] = [];
  for (let at = skip(header, 0, true); at < header.length && found.length < mostSignatures; ) {
    const isOurs = header.startsWith(prefix, at);
    const from = isOurs ? at + prefix.length : at;
    const end = skip(header, from, false);
    if (isOurs) found.push(header.slice(from, end));
    at = skip(header, end, true);
  }
  return found;
}

/** Turns a signature into its bytes; undefined where it is no signature of that many bytes. */
export function signatureReader(
  encoding: 'hex' | 'base64',
  size: number,
): (signature: string) => Buffer | undefined {
  const shape =
    encoding === 'hex'
      ? new RegExp(`^[0-9a-fA-F]{${2 * size}}$`)
      : new RegExp(`^[A-Za-z0-9+/_-]{${Math.ceil((4 * size) / 3)}}={0,2}$`);
  return (signature) => (shape.test(signature) ? Buffer.from(signature, encoding) : undefined);
}
