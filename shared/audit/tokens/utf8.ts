/** Most bytes of a UTF-16 code unit in UTF-8. */
export const bytesPerUnit = 3;

/**
 * Writes UTF-16 code units as UTF-8, unpaired surrogates as U+FFFD; gives the number of bytes. `bytes` has room for
 * `bytesPerUnit` a unit.
 */
export function writeUtf8(units: Uint16Array, start: number, end: number, bytes: Uint8Array): number {
  let length = 0;
  for (let i = start; i < end; i++) {
    let point = units[i] as number;
    if (point < 0x80) {
      bytes[length++] = point;
      continue;
    }
    if (point < 0x800) {
      bytes[length++] = 0xc0 | (point >> 6);
      bytes[length++] = 0x80 | (point & 0x3f);
      continue;
    }
    if ((point & 0xf800) === 0xd800) {
      const low = i + 1 < end ? (units[i + 1] as number) : 0;
      if (point < 0xdc00 && (low & 0xfc00) === 0xdc00) {
        point = ((point - 0xd800) << 10) + low - 0xdc00 + 0x10000;
        bytes[length++] = 0xf0 | (point >> 18);
        bytes[length++] = 0x80 | ((point >> 12) & 0x3f);
        bytes[length++] = 0x80 | ((point >> 6) & 0x3f);
        bytes[length++] = 0x80 | (point & 0x3f);
        i++;
        continue;
      }
      point = 0xfffd;
    }
    bytes[length++] = 0xe0 | (point >> 12);
    bytes[length++] = 0x80 | ((point >> 6) & 0x3f);
    bytes[length++] = 0x80 | (point & 0x3f);
  }
  return length;
}
