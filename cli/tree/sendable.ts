const longestPath = 1024;

// biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is looked for
const control = /[\u0000-\u001f\u007f\u2028\u2029]/;

/** The largest file any setting of the service lets through. */
export const largestFile = 64 * 1024 * 1024;

/** Why the service would refuse an archive with this path in it; undefined for one that it takes. */
export function unsendableName(path: string): string | undefined {
  if (path.includes('\ufffd')) return 'names that are not UTF-8';
  if (control.test(path)) return 'names with control characters';
  if (path.includes('\\')) return 'names with a backslash';
  if (/^[a-z]:/i.test(path)) return 'names that begin like a drive';
  return path.length > longestPath ? `names longer than ${longestPath} characters` : undefined;
}

/** True for content that is no text in any encoding the service reads: a NUL byte early on, and no mark of UTF-16. */
export function isBinary(content: Uint8Array): boolean {
  const [first, second] = content;
  const isUtf16 = (first === 0xff && second === 0xfe) || (first === 0xfe && second === 0xff);
  return !isUtf16 && content.subarray(0, 8000).includes(0);
}
