import { Agent, request } from 'node:http';

export type Reply =
  | { kind: 'answered'; status: number; text: string }
  /** The connection could not be made, or ended before the answer was there. */
  | { kind: 'reset' }
  | { kind: 'timeout' };

/** HTTP as a sender of webhooks speaks it: connections are kept, and every request has its time. */
export class Wire {
  readonly #agent = new Agent({ keepAlive: true, maxSockets: 64 });

  post(
    url: string,
    body: string,
    headers: Readonly<Record<string, string>>,
    timeoutMs: number,
  ): Promise<Reply> {
    return new Promise((resolve) => {
      const timer = setTimeout(() => end({ kind: 'timeout' }), timeoutMs);
      const outgoing = request(
        url,
        {
          agent: this.#agent,
          method: 'POST',
          headers: { ...headers, 'content-length': Buffer.byteLength(body) },
        },
        (response) => {
          let text = '';
          response.setEncoding('utf8');
          response.on('data', (piece: string) => {
            text += piece;
          });
          response.once('end', () => end({ kind: 'answered', status: response.statusCode ?? 0, text }));
          response.once('error', () => end({ kind: 'reset' }));
        },
      );
      const end = (reply: Reply) => {
        clearTimeout(timer);
        resolve(reply);
        if (reply.kind !== 'answered') outgoing.destroy();
      };
      outgoing.once('error', () => end({ kind: 'reset' }));
      outgoing.end(body);
    });
  }

  close(): void {
    this.#agent.destroy();
  }
}
