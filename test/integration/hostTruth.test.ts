import { readFileSync } from 'node:fs';
import http, { type IncomingMessage } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Running, run } from '../support/process.ts';

interface Case {
  name: string;
  method: string;
  path: string;
  headers?: Record<string, string>;
  body?: string;
  chunked?: boolean;
  until?: string;
  sort?: boolean;
}

const folder = 'test/fixtures/host-truth';
const read = <T>(file: string) => JSON.parse(readFileSync(`${folder}/${file}`, 'utf8')) as T;
const cases = read<Case[]>('cases.json');
const keys = { hostKey: 'test-host-key', masterKey: 'test-master-key' };
const kept = /^(content-type|location|set-cookie|x-probe.*|allow)$/;

const fill = (text: string) => text.replace('{hostKey}', keys.hostKey).replace('{masterKey}', keys.masterKey);

function send(
  base: string,
  { method, path, headers = {}, body, chunked }: Case,
): Promise<{ response: IncomingMessage; pieces: Buffer[] }> {
  const { hostname, port } = new URL(base);
  const filled: Record<string, string | number> = Object.fromEntries(
    Object.entries(headers).map(([k, v]) => [k, fill(v)]),
  );
  if (body !== undefined && !chunked) filled['content-length'] = Buffer.byteLength(body);
  if (body === undefined && !['GET', 'HEAD'].includes(method)) filled['content-length'] = 0;
  return new Promise((resolve, reject) => {
    const request = http.request(
      { hostname, port, method, path: fill(path), headers: filled },
      (response) => {
        const pieces: Buffer[] = [];
        response.on('data', (piece: Buffer) => pieces.push(piece));
        response.on('end', () => resolve({ response, pieces }));
      },
    );
    request.on('error', reject);
    if (body !== undefined && chunked) {
      const half = Math.ceil(body.length / 2);
      request.write(body.slice(0, half));
      setTimeout(() => request.end(body.slice(half)), 50);
    } else request.end(body);
  });
}

function shown(pieces: Buffer[], type = ''): unknown {
  const bytes = Buffer.concat(pieces);
  const text = bytes.toString();
  if (/json/.test(type)) return JSON.parse(text);
  return Buffer.from(text).equals(bytes) ? text : { hex: bytes.toString('hex') };
}

/** Every case in order; the last ones are asked until the queues have done their work. */
async function play(base: string): Promise<Record<string, unknown>> {
  const answers: Record<string, unknown> = {};
  for (const one of cases) {
    for (let tries = 0; tries < 60; tries++) {
      const { response, pieces } = await send(base, one);
      const headers = Object.fromEntries(
        Object.entries(response.headers).filter(([name]) => kept.test(name)),
      );
      let body = shown(pieces, response.headers['content-type']);
      if (one.sort && Array.isArray(body))
        body = body.sort((a, b) => (JSON.stringify(sorted(a)) < JSON.stringify(sorted(b)) ? -1 : 1));
      answers[one.name] = {
        status: response.statusCode,
        headers,
        body,
        ...(one.name.startsWith('sse') ? { inPieces: pieces.length > 1 } : {}),
      };
      if (!one.until || JSON.stringify(body).includes(`"fn":"${one.until}"`)) break;
      await sleep(250);
    }
  }
  return answers;
}

function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([k, v]) => [k, sorted(v)]),
  );
}

describe.each([
  { mode: 'stream', env: { PROBE_STREAM: '1' } },
  { mode: 'rpc', env: {} },
])('the local host answers as the genuine host does ($mode)', ({ mode, env }) => {
  const golden = read<Record<string, unknown>>(`golden.${mode}.json`);
  let host: Running;
  let answers: Record<string, unknown>;

  beforeAll(async () => {
    const args = [
      `${folder}/app`,
      '--port',
      '0',
      '--ephemeral',
      '--function-key',
      keys.hostKey,
      '--master-key',
      keys.masterKey,
    ];
    host = await run('local/runHost.ts', args, env);
    answers = await play(host.base);
  });
  afterAll(() => host?.stop());

  it('there are 62 of them', () => {
    expect(Object.keys(golden)).toHaveLength(62);
    expect(cases).toHaveLength(62);
  });

  it.each(Object.keys(golden))('%s', (name) => {
    expect(answers[name]).toEqual(golden[name]);
  });
});
