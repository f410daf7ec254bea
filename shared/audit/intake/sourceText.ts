export type Decoded = { ok: true; text: string } | { ok: false; reason: string };

/** Bytes of a source file as text, or why they are none. */
export function decodeSource(bytes: Uint8Array): Decoded {
  if (bytes.includes(0)) return { ok: false, reason: 'binary' };
  try {
    return checkText(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
  } catch {
    return { ok: false, reason: 'not valid UTF-8' };
  }
}

/** Line ends and byte-order mark normalised; halves of broken characters replaced, so that equal texts have equal hashes. */
export function checkText(given: string): Decoded {
  const text = given
    .replace(/^\ufeff/, '')
    .replaceAll('\r\n', '\n')
    .toWellFormed();
  return text.includes('\0') ? { ok: false, reason: 'binary' } : { ok: true, text };
}
