import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { installPackages } from './peerPackages.ts';

export interface RedisServer {
  port: number;
  stop(): Promise<void>;
}

/** The peers' server and packages; undefined, and a line printed that says why, where they are not to be had. */
export async function startPeers(): Promise<RedisServer | undefined> {
  const redis = await startRedis();
  if (!redis) console.log('limits: skipped the peers on Redis: there is no redis-server on this machine');
  else if (!installPackages(['rate-limiter-flexible', 'ioredis'])) {
    console.log('limits: skipped the peers on Redis: `npm ci` in bench/ could not install their packages');
    await redis.stop();
    return undefined;
  }
  return redis;
}

/** Starts the system's Redis on a free port of this machine, keeping nothing on disk. */
async function startRedis(): Promise<RedisServer | undefined> {
  const port = await freePort();
  const options = { bind: '127.0.0.1', port: `${port}`, dir: tmpdir(), save: '', appendonly: 'no' };
  const args = Object.entries(options).flatMap(([name, value]) => [`--${name}`, value]);
  const child = spawn('redis-server', args, { stdio: ['ignore', 'pipe', 'inherit'] });
  process.once('exit', () => child.kill('SIGKILL'));
  const exited = new Promise<undefined>((resolve) => {
    child.once('exit', () => resolve(undefined)).once('error', () => resolve(undefined));
  });
  const ready = new Promise<true>((resolve) => {
    child.stdout.on('data', (piece: Buffer) => {
      if (piece.toString().includes('Ready to accept connections')) resolve(true);
    });
  });
  if (!(await Promise.race([ready, exited]))) return undefined;
  return {
    port,
    async stop() {
      child.kill('SIGTERM');
      await exited;
    },
  };
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  await once(server, 'close');
  return typeof address === 'object' && address ? address.port : 0;
}
