export type Decoded = { ok: true; text: string } | { ok: false; reason: string };

const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: false });
const windows1252 = new TextDecoder('windows-1252');

/** The encoding a byte-order mark announces, where it is not UTF-8. */
function announcedEncoding([first, second]: Uint8Array): 'utf-16le' | 'utf-16be' | undefined {
  if (first === 0xff && second === 0xfe) return 'utf-16le';
  return first === 0xfe && second === 0xff ? 'utf-16be' : undefined;
}

/** Control characters that no text has, and the bytes windows-1252 leaves undefined. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is looked for
const untypable = /[\u0000-\u0008\u000b\u000e-\u001a\u001c-\u001f\u007f\u0081\u008d\u008f\u0090\u009d]/;

/**
 * Bytes of a source file as text, or why they are none: UTF-16 where a mark says so, else UTF-8, else windows-1252.
 * Latin-1 is what old sources are written in; where it was another code page only comments and messages suffer, names
 * stay legible, and a file that is left out would look like one that is missing.
 */
export function decodeSource(bytes: Uint8Array): Decoded {
  const announced = announcedEncoding(bytes);
  if (announced) return checkText(new TextDecoder(announced).decode(bytes));
  if (bytes.includes(0)) return { ok: false, reason: 'binary' };
  try {
    return normalised(utf8.decode(bytes));
  } catch {
    const text = windows1252.decode(bytes);
    return untypable.test(text) ? { ok: false, reason: 'binary' } : normalised(text);
  }
}

/** Halves of broken characters are replaced, so that what is equal in UTF-8 is equal here. */
export function checkText(given: string): Decoded {
  return given.includes('\0') ? { ok: false, reason: 'binary' } : normalised(given.toWellFormed());
}

/** Line ends and byte-order mark normalised, so that equal texts have equal hashes. */
function normalised(given: string): Decoded {
  const text = given.startsWith('\ufeff') ? given.slice(1) : given;
  return { ok: true, text: text.includes('\r') ? text.replace(/\r\n?/g, '\n') : text };
}
