import type { IncomingMessage } from 'node:http';
import { request as httpsRequest, type RequestOptions } from 'node:https';

export interface Answer {
  status: number;
  headers: Headers;
  body: AnswerBody;
}

export interface AnswerBody {
  /** Read as UTF-8, whatever the answer says of itself. */
  text: string;
  /** True where more would have come: the body was too long, broke off, or time was up while it was read. */
  truncated: boolean;
}

/**
 * Sends one HTTPS request and reads the answer, until `signal` ends it; of the answer's body at most `maxBytes`.
 * @throws Node's error where no answer came.
 */
export async function exchange(
  url: URL,
  options: RequestOptions,
  body: string | Uint8Array | undefined,
  maxBytes: number,
  signal: AbortSignal,
): Promise<Answer> {
  const response = await new Promise<IncomingMessage>((resolve, reject) => {
    const request = httpsRequest(url, { ...options, signal }, resolve);
    // Stays on: what goes wrong after the answer came must not end the process.
    request.on('error', reject);
    request.end(body);
  });
  const { statusCode = 0, rawHeaders } = response;
  return { status: statusCode, headers: toHeaders(rawHeaders), body: await readBody(response, maxBytes) };
}

async function readBody(response: IncomingMessage, maxBytes: number): Promise<AnswerBody> {
  const decoder = new TextDecoder();
  let [text, left] = ['', maxBytes];
  try {
    for await (const piece of response as AsyncIterable<Buffer>) {
      text += decoder.decode(piece.subarray(0, left), { stream: true });
      left -= piece.length;
      // A character that the limit cuts in two is left out.
      if (left < 0) return { text, truncated: true };
    }
  } catch {
    return { text, truncated: true };
  }
  return { text: text + decoder.decode(), truncated: false };
}

function toHeaders(raw: readonly string[]): Headers {
  const headers = new Headers();
  for (let i = 0; i + 1 < raw.length; i += 2) headers.append(raw[i] ?? '', raw[i + 1] ?? '');
  return headers;
}
