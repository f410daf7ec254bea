/** RFC 9110, 5.6.2. */
const token = /^[\w!#$%&'*+.^`|~-]+$/;
/** RFC 9110, 5.5, without bytes above ASCII: nothing that could end a line. */
const text = /^[\t\u0020-\u007e]*$/;

/** Headers that say how the message travels, which is ours to say, or where it goes. */
const ours =
  /^(host|connection|keep-alive|content-length|transfer-encoding|te|trailer|upgrade|expect|accept-encoding|proxy-.*|http2-settings)$/;

/** The headers in lower case; undefined where one is malformed, or is not the caller's to set. */
export function readOutboundHeaders(
  headers: Readonly<Record<string, string>>,
): Record<string, string> | undefined {
  const read: Record<string, string> = {};
  for (const [given, value] of Object.entries(headers)) {
    const name = given.toLowerCase();
    if (!token.test(name) || !text.test(value) || ours.test(name) || name in read) return undefined;
    read[name] = value;
  }
  return read;
}
