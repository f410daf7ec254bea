import { mkdtempSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterEach, describe, expect, it } from 'vitest';
import { eventually } from '../support/app.ts';
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
    expect(running.output()).not.toContain('These settings are wrong');
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

  it('names wrong settings and starts all the same', async () => {
    running = await run('local/start.ts', ['--port', '0', '--ephemeral'], {
      LOG_LEVEL: 'loud',
      VAPI_VOICE_ID: 'bruce',
      TENANT_CACHE_TTL_S: 'x',
    });
    for (const line of [
      'LOG_LEVEL: must be DEBUG, INFO, WARNING or ERROR',
      'TENANT_CACHE_TTL_S: must be a whole number from 0 to 86400',
      'VAPI_VOICE_ID: is none that Vapi offers with deepgram',
    ]) {
      expect(running.output()).toContain(line);
    }
    expect((await fetch(`${running.base}/api/readyz`)).status).toBe(503);
  });

  it('ends when the npm that started it is gone', async () => {
    running = await run('local/start.ts', ['--port', '0', '--ephemeral']);
    await running.stop();
    const parent = `require('node:child_process').spawn(process.execPath, ['local/start.ts', '--port', '0', '--ephemeral'], { stdio: 'inherit', env: { ...process.env, npm_lifecycle_event: 'start' } }); setInterval(() => {}, 1000);`;
    running = await run('-e', [parent]);
    const { base } = running;
    running.child.kill('SIGKILL');
    const gone = async () => ((await fetch(base).catch(() => undefined)) ? undefined : true);
    expect(await eventually(gone, 'the end')).toBe(true);
  });

  it.each([
    ['an unknown option', ['--prot', '1'], {}, /Unknown option '--prot'\.\n\nusage: npm start/],
    ['help', ['--help'], {}, /^usage: npm start/],
    [
      'an option npm kept',
      [],
      { npm_config_ephemeral: 'true' },
      /npm kept --ephemeral to itself: put -- before it/,
    ],
  ])('answers %s with its usage', async (_, args, env, printed) => {
    expect(await runToEnd('local/start.ts', args, env)).toMatchObject({
      code: 1,
      printed: expect.stringMatching(printed),
    });
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
    expect(printed).toMatch(/38 requirements found in the design: \d+ implemented/);
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

  it.each([
    ['ES module', 'module', "import { app } from '@azure/functions';"],
    ['CommonJS', 'commonjs', "const { app } = require('@azure/functions');"],
  ])('runs an app without packages of its own (%s)', async (_, type, header) => {
    const dir = mkdtempSync(join(tmpdir(), 'app-'));
    writeFileSync(join(dir, 'host.json'), '{"version":"2.0"}');
    writeFileSync(join(dir, 'package.json'), JSON.stringify({ type, main: 'index.js' }));
    writeFileSync(
      join(dir, 'index.js'),
      `${header}
app.http('hello', { route: 'hello/{name}', handler: (request) => ({ jsonBody: request.params }) });
app.storageQueue('digest', { queueName: 'jobs', connection: 'AzureWebJobsStorage', handler() {} });`,
    );
    running = await run('local/runHost.ts', [dir, '--port', '0', '--ephemeral']);
    expect(running.output()).toContain('/api/hello/{name}');
    expect(running.output()).toMatch(/queue +digest +run now: POST \/admin\/functions\/digest/);
    expect(await (await fetch(`${running.base}/api/hello/bob`)).json()).toEqual({ name: 'bob' });
  });
});

describe('npm run tenants', () => {
  const file = (content: unknown) => {
    const path = join(mkdtempSync(join(tmpdir(), 'tenants-')), 'tenants.json');
    writeFileSync(path, typeof content === 'string' ? content : JSON.stringify(content));
    return path;
  };
  const bob = {
    tenantId: 'bob',
    businessName: 'Bob',
    businessHours: '9-5',
    services: ['x'],
    phoneNumbers: ['+61255509999'],
  };

  it.each([
    ['no command', [], /usage: npm run tenants -- import FILE/],
    ['no file there', ['import', 'nowhere.json'], /nowhere\.json cannot be read/],
    ['no JSON', ['import', file('[{')], /cannot be read as JSON/],
    ['no list', ['import', file({})], /not a list of tenants/],
    ['an empty list', ['import', file([])], /holds no tenant/],
    ['a misspelt member', ['import', file([{ ...bob, phoneNumber: [] }])], /phoneNumber/],
    ['a tenant no call can reach', ['import', file([{ ...bob, phoneNumbers: [] }])], /no call can reach it/],
    [
      'a tenant twice',
      ['import', file([bob, { ...bob, phoneNumbers: ['+61255508888'] }])],
      /"bob" is there twice/,
    ],
    [
      'a line twice',
      ['import', file([bob, { ...bob, tenantId: 'eve' }])],
      /phoneNumbers\.0 is also a line of "bob"/,
    ],
  ])('refuses %s and says why', async (_, args, message) => {
    const env = {
      AzureWebJobsStorage:
        'DefaultEndpointsProtocol=https;AccountName=a;AccountKey=a2V5;EndpointSuffix=core.windows.net',
    };
    expect(await runToEnd('local/tenants.ts', args, env)).toMatchObject({
      code: 1,
      printed: expect.stringMatching(message),
    });
  });

  it('says so when there is no storage to import into', async () => {
    expect(await runToEnd('local/tenants.ts', ['import', file([bob])])).toMatchObject({
      code: 1,
      printed: expect.stringContaining('npm start'),
    });
    expect(
      await runToEnd('local/tenants.ts', ['import', file([bob])], { AzureWebJobsStorage: 'garbage' }),
    ).toMatchObject({
      code: 1,
      printed: expect.stringContaining('AzureWebJobsStorage is no connection string'),
    });
  });
});

describe('the bundle', () => {
  it('is under 5 MB compressed, and what answers the phone under 1 MB', () => {
    const files = readdirSync(`${root}dist`, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map(({ parentPath, name }) => ({
        name,
        size: gzipSync(readFileSync(`${parentPath}/${name}`)).length,
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
