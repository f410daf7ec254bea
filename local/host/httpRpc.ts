import type { ServerResponse } from 'node:http';
import type { InvocationResponse, RpcHttpCookie, RpcHttpData, RpcTypedData } from './coreTypes.ts';
import { type FrontRequest, pathAndQuery, readBody } from './httpRequest.ts';

const nullable = (values: Record<string, string>) =>
  Object.fromEntries(Object.entries(values).map(([key, value]) => [key, { value }]));

/** Repeated query keys arrive joined by commas when streaming is off. */
function joinedQuery(query: URLSearchParams): Record<string, string> {
  return Object.fromEntries([...new Set(query.keys())].map((key) => [key, query.getAll(key).join(',')]));
}

/** The request as one value; a body is read only where its length is declared (chunked bodies are dropped). */
export async function toRpcRequest(
  request: FrontRequest,
  params: Record<string, string>,
): Promise<RpcTypedData> {
  const declared = Number(request.headers['content-length'] ?? 0);
  const bytes = declared > 0 ? await readBody(request) : undefined;
  const http: RpcHttpData = {
    method: request.method,
    url: `http://${request.headers.host ?? 'localhost'}${pathAndQuery(request, false)}`,
    headers: {},
    params: {},
    query: {},
    nullableHeaders: nullable(request.headers),
    nullableParams: nullable(params),
    nullableQuery: nullable(joinedQuery(request.query)),
    ...(bytes ? { body: { bytes } } : {}),
  };
  return { http };
}

/** Writes a function's answer; a function that returned nothing gives 204. */
export function writeRpcResponse(result: InvocationResponse, response: ServerResponse): void {
  const http = result.returnValue?.http;
  if (!http) {
    response.writeHead(204).end();
    return;
  }
  const body = toBytes(http.body);
  for (const [name, value] of Object.entries(http.headers ?? {})) response.setHeader(name, value);
  if (http.cookies?.length) response.setHeader('set-cookie', http.cookies.map(formatCookie));
  response.statusCode = Number(http.statusCode ?? 200);
  response.end(body);
}

function toBytes(data: RpcTypedData | null | undefined): Buffer {
  const bytes = data?.bytes ?? data?.stream;
  return bytes ? Buffer.from(bytes) : Buffer.from(data?.string ?? data?.json ?? '');
}

/** A cookie as ASP.NET writes it. */
function formatCookie(cookie: RpcHttpCookie): string {
  const seconds = cookie.expires?.value?.seconds;
  const sameSite = { lax: 'lax', strict: 'strict', explicitNone: 'none', none: undefined }[
    cookie.sameSite ?? 'none'
  ];
  return [
    `${cookie.name}=${encodeURIComponent(cookie.value)}`,
    seconds === undefined
      ? ''
      : `expires=${new Date(Number(typeof seconds === 'number' ? seconds : seconds.toNumber()) * 1000).toUTCString()}`,
    cookie.maxAge?.value === undefined ? '' : `max-age=${cookie.maxAge.value}`,
    cookie.domain?.value ? `domain=${cookie.domain.value}` : '',
    `path=${cookie.path?.value ?? '/'}`,
    cookie.secure?.value ? 'secure' : '',
    sameSite ? `samesite=${sameSite}` : '',
    cookie.httpOnly?.value ? 'httponly' : '',
  ]
    .filter(Boolean)
    .join('; ');
}
