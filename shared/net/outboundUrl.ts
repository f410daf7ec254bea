/** Why a request was not made. Fixed texts, fit for logs. */
export type Refusal = 'url' | 'scheme' | 'userinfo' | 'port' | 'header' | 'address';

/** Ports of services other than HTTPS lie below this; only 443 is one of ours. */
const firstFreePort = 1024;

/**
 * Reads the address of an outbound request: https only, no user or password in it, port 443 or one from 1024 up, so
 * that no mail or shell server can be talked to. An IPv4 address in decimal, octal or hexadecimal comes out dotted, as
 * the WHATWG URL standard has it.
 */
export function readOutboundUrl(text: string): URL | Refusal {
  const url = URL.parse(text);
  if (!url) return 'url';
  if (url.protocol !== 'https:') return 'scheme';
  if (url.username || url.password) return 'userinfo';
  if (url.port !== '' && Number(url.port) < firstFreePort) return 'port';
  return url;
}

/** The URL's host as a resolver or a list of addresses knows it: without the brackets of IPv6. */
export function hostOf(url: URL): string {
  return url.hostname.replace(/^\[|\]$/g, '');
}
