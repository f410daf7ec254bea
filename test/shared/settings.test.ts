import { describe, expect, it } from 'vitest';
import type { Section } from '../../shared/config/section.ts';
import { readSettings } from '../../shared/settings.ts';

const storage = { AzureWebJobsStorage: 'UseDevelopmentStorage=true' };

function problems(section: Section<unknown>): string[] {
  return (section.problems ?? []).map(({ setting }) => setting);
}

function value<T>(section: Section<T>): T {
  if (!section.ok) throw new Error(JSON.stringify(section.problems));
  return section.value;
}

describe('readSettings', () => {
  it('keeps the defaults of the programs Gatehouse grew from', () => {
    const { voice, audit, platform } = readSettings({ ...storage, VAPI_WEBHOOK_SECRET: 'long-enough' });
    expect(value(voice)).toMatchObject({
      credentials: [{ type: 'secret', secrets: ['long-enough'] }],
      allowUnauthenticated: false,
      model: { provider: 'openai', model: 'gpt-4o' },
      tenantCacheTtlMs: 300_000,
      assistantRequestBudgetMs: 6_500,
    });
    expect(value(audit)).toMatchObject({
      deployment: 'gpt-4o',
      extensions: expect.arrayContaining([
        '.py',
        '.js',
        '.java',
        '.cs',
        '.ts',
        '.tsx',
        '.go',
        '.bicep',
        '.yaml',
      ]),
      excludedFolders: expect.arrayContaining([
        'venv',
        '__pycache__',
        'node_modules',
        '.git',
        'env',
        'build',
        'dist',
        'vendor',
      ]),
    });
    expect(value(platform)).toMatchObject({
      logLevel: 'info',
      maxBody: { bytes: 64 * 2 ** 20 },
      maxJson: { bytes: 8 * 2 ** 20 },
    });
  });

  it('takes several secrets and none that is empty', () => {
    expect(
      value(readSettings({ VAPI_WEBHOOK_SECRET: ' first-one, ,second-one,' }).voice).credentials,
    ).toEqual([{ type: 'secret', secrets: ['first-one', 'second-one'] }]);
  });

  it('wants a secret, or the word that none is wanted', () => {
    expect(problems(readSettings({}).voice)).toEqual(['VAPI_WEBHOOK_SECRET']);
    expect(problems(readSettings({ GATEHOUSE_ALLOW_UNAUTHENTICATED: 'true' }).voice)).toEqual([]);
  });

  it('refuses a secret that a comma has cut into pieces', () => {
    expect(problems(readSettings({ VAPI_WEBHOOK_SECRET: 'p4ssw0rd-p4ssw0rd,word' }).voice)).toEqual([
      'VAPI_WEBHOOK_SECRET',
    ]);
  });

  it('lets no setting silence the phone that lets nobody in: its default holds, and the fault is told', () => {
    const { platform, voice } = readSettings({
      ...storage,
      VAPI_WEBHOOK_SECRET: 'long-enough',
      LOG_LEVEL: 'LOUD',
      VAPI_VOICE_ID: 'bruce',
      GATEHOUSE_UNKNOWN_TENANT: 'forward',
      GATEHOUSE_OVER_LIMIT_FORWARD_TO: '0255501234',
    });
    expect(value(platform).logLevel).toBe('info');
    expect(value(voice)).toMatchObject({
      voice: { voiceId: 'hyperion' },
      unknownTenant: { choice: 'error' },
      overLimit: { forwardTo: undefined },
    });
    expect(problems(platform)).toEqual(['LOG_LEVEL']);
    expect(problems(voice).sort()).toEqual([
      'GATEHOUSE_OVER_LIMIT_FORWARD_TO',
      'GATEHOUSE_UNKNOWN_TENANT',
      'VAPI_VOICE_ID',
    ]);
  });

  it.each([
    { LOG_LEVEL: 'LOUD' },
    { ...storage, AzureWebJobsStorage__blobServiceUri: 'ftp://x' },
    { ...storage, VAPI_WEBHOOK_SOURCE_RANGES: 'everywhere' },
  ])('stops where storage or who is let in is wrong: %j', (env) => {
    const { platform, voice } = readSettings({ VAPI_WEBHOOK_SECRET: 'long-enough', ...env });
    expect(platform.ok && voice.ok).toBe(false);
  });

  it('tells every problem at once, also those between settings', () => {
    const env = { VAPI_VOICE_ID: 'bruce', TENANT_CACHE_TTL_S: 'x', VAPI_WEBHOOK_SECRET: 'short' };
    expect(problems(readSettings(env).voice)).toEqual([
      'TENANT_CACHE_TTL_S',
      'VAPI_VOICE_ID',
      'VAPI_WEBHOOK_SECRET',
    ]);
  });

  it('refuses to go without a credential in Azure', () => {
    const env = { GATEHOUSE_ALLOW_UNAUTHENTICATED: 'true', WEBSITE_SITE_NAME: 'gatehouse-prod' };
    expect(problems(readSettings(env).voice)).toContain('GATEHOUSE_ALLOW_UNAUTHENTICATED');
    const withSecret = { ...env, VAPI_WEBHOOK_SECRET: 'long-enough' };
    expect(problems(readSettings(withSecret).voice)).toEqual(['GATEHOUSE_ALLOW_UNAUTHENTICATED']);
  });

  it.each([
    [{ VAPI_VOICE_ID: 'australian_male' }, 'VAPI_VOICE_ID'],
    [{ ASSISTANT_REQUEST_BUDGET_MS: '9000' }, 'ASSISTANT_REQUEST_BUDGET_MS'],
    [{ TENANT_CACHE_TTL_S: 'five' }, 'TENANT_CACHE_TTL_S'],
    [{ GATEHOUSE_UNKNOWN_TENANT: 'forward' }, 'GATEHOUSE_UNKNOWN_TENANT'],
    [{ GATEHOUSE_UNKNOWN_TENANT: 'shrug' }, 'GATEHOUSE_UNKNOWN_TENANT'],
    [{ GATEHOUSE_ALLOW_UNAUTHENTICATED: 'yes' }, 'GATEHOUSE_ALLOW_UNAUTHENTICATED'],
  ])('finds fault with %j', (env, setting) => {
    expect(problems(readSettings({ VAPI_WEBHOOK_SECRET: 'long-enough', ...env }).voice)).toEqual([setting]);
  });

  it('lets any voice of another provider pass', () => {
    const env = {
      VAPI_WEBHOOK_SECRET: 'long-enough',
      VAPI_VOICE_PROVIDER: 'azure',
      VAPI_VOICE_ID: 'en-AU-NatashaNeural',
    };
    expect(value(readSettings(env).voice).voice).toEqual({
      provider: 'azure',
      voiceId: 'en-AU-NatashaNeural',
    });
  });

  it('reads storage as a connection string or as all three addresses', () => {
    expect(problems(readSettings({}).platform)).toEqual(['AzureWebJobsStorage']);
    const uris = {
      AzureWebJobsStorage__blobServiceUri: 'https://a.blob.core.windows.net',
      AzureWebJobsStorage__queueServiceUri: 'https://a.queue.core.windows.net',
    };
    expect(problems(readSettings(uris).platform)).toEqual(['AzureWebJobsStorage']);
    const all = { ...uris, AzureWebJobsStorage__tableServiceUri: 'https://a.table.core.windows.net' };
    expect(value(readSettings(all).platform).storage).toMatchObject({
      tableUri: 'https://a.table.core.windows.net',
    });
  });

  it('maps the log levels Python programs use', () => {
    expect(value(readSettings({ ...storage, LOG_LEVEL: 'warning' }).platform).logLevel).toBe('warn');
    expect(problems(readSettings({ ...storage, LOG_LEVEL: 'loud' }).platform)).toEqual(['LOG_LEVEL']);
  });

  it('reads encodings per deployment', () => {
    expect(
      value(readSettings({ GATEHOUSE_TOKEN_ENCODINGS: 'old=cl100k_base, new=o200k_base' }).audit)
        .tokenEncodings,
    ).toEqual({
      old: 'cl100k_base',
      new: 'o200k_base',
    });
    expect(problems(readSettings({ GATEHOUSE_TOKEN_ENCODINGS: 'old=latin1' }).audit)).toEqual([
      'GATEHOUSE_TOKEN_ENCODINGS',
    ]);
  });

  it('knows one model service at a time', () => {
    const env = {
      AZURE_OPENAI_ENDPOINT: 'https://a.openai.azure.com',
      GATEHOUSE_OPENAI_BASE_URL: 'http://localhost:8000/v1',
    };
    expect(problems(readSettings(env).audit)).toEqual(['GATEHOUSE_OPENAI_BASE_URL']);
    expect(problems(readSettings({ AZURE_OPENAI_ENDPOINT: 'a.openai.azure.com' }).audit)).toEqual([
      'AZURE_OPENAI_ENDPOINT',
    ]);
  });

  it('never repeats a value', () => {
    const config = readSettings({
      AzureWebJobsStorage__blobServiceUri: 'sekret',
      AZURE_OPENAI_ENDPOINT: 'sekret',
      VAPI_WEBHOOK_SECRET: 'long-enough',
      GATEHOUSE_ALLOW_UNAUTHENTICATED: 'sekret',
      VAPI_VOICE_ID: 'sekret',
    });
    expect(JSON.stringify(config)).not.toContain('sekret');
  });
});
