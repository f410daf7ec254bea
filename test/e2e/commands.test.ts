import { readdirSync, readFileSync, statSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { createServer } from 'node:net';
import { gzipSync } from 'node:zlib';
import { afterEach, describe, expect, it } from 'vitest';
import { type Running, root, run, runToEnd } from '../support/process.ts';

let running: Running | undefined;
afterEach(async () => {
  await running?.stop();
  running = undefined;
});

describe('npm start', () => {
  it('says what it offers and ends everything within two seconds of Ctrl-C', async () => {
    running = await run('local/start.ts', ['--port', '0', '--ephemeral']);
    for (const path of ['/api/audit', '/api/healthz', '/api/readyz', '/api/vapi/webhook'])
      expect(running.output()).toContain(`${running.base}${path}`);
    expect(running.output().match(/^ {2}(curl|tar) /gm)).toHaveLength(2);
    const storagePort = /blob (\d+)/.exec(running.output())?.[1];
    expect(await running.stop()).toBeLessThan(2_000);
    await expect(fetch(`http://127.0.0.1:${storagePort}/`)).rejects.toThrow();
  });

  it('answers its own two curl commands', async () => {
    running = await run('local/start.ts', ['--port', '0', '--ephemeral']);
    const commands = running
      .output()
      .split('\n')
      .filter((line) => /^ {2}(curl|tar) /.test(line));
    const [call, audit] = await Promise.all(commands.map((command) => shell(command)));
    expect(call).toContain('"firstMessage":"Hi, thanks for calling Acme Plumbing.');
    expect(audit).toContain('# Audit Report');
    expect(audit).toContain('| **Reduction Rate** |');
  });

  it('says what is in the way when its port is taken, and what to do', async () => {
    const other = createServer().listen(0, '127.0.0.1');
    await new Promise((resolve) => other.once('listening', resolve));
    const { port } = other.address() as AddressInfo;
    const { code, printed } = await runToEnd('local/start.ts', ['--port', String(port), '--ephemeral']);
    other.close();
    expect(code).toBe(1);
    expect(printed.trim()).toBe(
      `Port ${port} is in use by another program. Stop it, or choose another port: npm start -- --port 7072 (0 takes a free one).`,
    );
  });

  it('refuses a port that is none', async () => {
    expect(await runToEnd('local/start.ts', ['--port', '99999'])).toMatchObject({
      code: 1,
      printed: expect.stringContaining('"99999" is not a port'),
    });
  });
});

describe('npm run demo', () => {
  it('plays a call and an audit to the end', async () => {
    const { code, printed } = await runToEnd('local/demo.ts', []);
    expect(printed).toContain('delivered again, answered with the same lead');
    expect(printed).toContain('customer-ended-call, 38.01 s');
    expect(printed).toMatch(/35 requirements found in the design: \d+ implemented/);
    expect(printed).toContain('0 tokens billed');
    expect(code).toBe(0);
  });
});

describe('npm run host', () => {
  it('says what it needs', async () => {
    expect(await runToEnd('local/runHost.ts', [])).toMatchObject({
      code: 1,
      printed: expect.stringContaining('npm run host -- DIR'),
    });
    expect(await runToEnd('local/runHost.ts', ['docs', '--ephemeral', '--port', '0'])).toMatchObject({
      code: 1,
      printed: expect.stringContaining('host.json is missing'),
    });
  });
});

describe('npm run tenants', () => {
  it('says what is wrong with a file', async () => {
    const env = { AzureWebJobsStorage: 'UseDevelopmentStorage=true' };
    expect(await runToEnd('local/tenants.ts', [], env)).toMatchObject({
      code: 1,
      printed: expect.stringContaining('usage'),
    });
    expect(await runToEnd('local/tenants.ts', ['import', 'package.json'], env)).toMatchObject({
      code: 1,
      printed: expect.stringContaining('not a list of tenants'),
    });
    expect(await runToEnd('local/tenants.ts', ['import', 'x'])).toMatchObject({
      code: 1,
      printed: expect.stringContaining('AzureWebJobsStorage'),
    });
  });
});

describe('the bundle', () => {
  it('is under 5 MB compressed, and what answers the phone under 1 MB', () => {
    const files = readdirSync(`${root}dist`).map((name) => ({
      name,
      size: gzipSync(readFileSync(`${root}dist/${name}`)).length,
    }));
    expect(files.reduce((sum, { size }) => sum + size, 0)).toBeLessThan(5 * 2 ** 20);
    expect(statSync(`${root}dist/app.js`).size).toBeLessThan(2 ** 20);
  });
});

async function shell(command: string): Promise<string> {
  const { execFile } = await import('node:child_process');
  return new Promise((resolve, reject) => {
    execFile('bash', ['-c', command], { cwd: root }, (error, stdout) =>
      error ? reject(error) : resolve(stdout),
    );
  });
}
