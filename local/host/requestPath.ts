/**
 * Paths as Kestrel reads and YARP forwards them. A decoded path keeps `%2F`, so that a slash inside an
 * identifier never becomes a separator.
 */

/** Percent-decodes a request path except encoded slashes, and resolves `.` and `..` parts. */
export function decodePath(raw: string): string {
  const decoded = raw.replace(/(?:%[\da-f]{2})+/gi, (run) =>
    run
      .split(/(%2f)/i)
      .map((piece) => (/^%2f$/i.test(piece) ? piece : decodeRun(piece)))
      .join(''),
  );
  return resolveDots(decoded);
}

function decodeRun(run: string): string {
  try {
    return decodeURIComponent(run);
  } catch {
    return run;
  }
}

function resolveDots(path: string): string {
  if (!/(^|\/)\.{1,2}(\/|$)/.test(path)) return path;
  const kept: string[] = [];
  for (const part of path.split('/')) {
    if (part === '..') kept.length > 1 && kept.pop();
    else if (part !== '.') kept.push(part);
  }
  return kept.join('/');
}

const unsafe = /[^A-Za-z0-9\-._~!$&'()*+,;=:@/]/gu;
const unsafeButEncoded = /%(?![\da-f]{2})|[^A-Za-z0-9\-._~!$&'()*+,;=:@/%]/giu;

/**
 * Encodes a decoded path again. The forwarder of streamed requests encodes the percent sign of a kept `%2F` once
 * more (`%252F`); the plain path leaves it.
 */
export function encodePath(decoded: string, forwarded: boolean): string {
  return decoded.replace(forwarded ? unsafe : unsafeButEncoded, (char) => encodeURIComponent(char));
}
