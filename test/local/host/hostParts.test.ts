import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { jsonBindingData } from '../../../local/host/bindingData.ts';
import { isAuthorised, presentedKey } from '../../../local/host/functionKeys.ts';
import { readHostJson, timeSpanMs } from '../../../local/host/hostJson.ts';
import { outputMessages } from '../../../local/host/outputs.ts';
import { decodeMessage, encodeMessage } from '../../../local/host/queueMessage.ts';
import { decodePath, encodePath } from '../../../local/host/requestPath.ts';
import { readLocalSettings, resolveSetting } from '../../../local/host/settings.ts';

function folderWith(file: string, content: unknown): string {
  const dir = mkdtempSync(join(tmpdir(), 'gatehouse-'));
  writeFileSync(join(dir, file), JSON.stringify(content));
  return dir;
}

describe('request paths', () => {
  it.each([
    ['/a%2Fb', '/a%2Fb'],
    ['/a%20b%2b', '/a b+'],
    ['/gr%C3%BC%C3%9F', '/grüß'],
    ['/broken%E0%A4', '/broken%E0%A4'],
    ['/a/../b/./c', '/b/c'],
    ['/../../etc', '/etc'],
  ])('decodes %s', (raw, decoded) => {
    expect(decodePath(raw)).toBe(decoded);
  });

  it('encodes a kept slash twice when forwarding and once otherwise', () => {
    expect(encodePath('/a%2Fb c', true)).toBe('/a%252Fb%20c');
    expect(encodePath('/a%2Fb c', false)).toBe('/a%2Fb%20c');
  });
});

describe('function keys', () => {
  const keys = { functionKey: 'f', masterKey: 'm' };

  it('are not asked for while none is configured', () => {
    expect(isAuthorised('admin', '', {})).toBe(true);
  });

  it.each([
    ['anonymous', '', true],
    ['function', 'f', true],
    ['function', 'm', true],
    ['function', '', false],
    ['admin', 'f', false],
    ['admin', 'm', true],
  ] as const)('%s with "%s": %s', (level, key, allowed) => {
    expect(isAuthorised(level, key, keys)).toBe(allowed);
  });

  it('come from the header before the query', () => {
    expect(presentedKey('h', new URLSearchParams('code=q'))).toBe('h');
    expect(presentedKey(undefined, new URLSearchParams('code=q'))).toBe('q');
  });
});

describe('host.json', () => {
  it('fills in what the genuine host defaults to', () => {
    const { http, queues } = readHostJson(folderWith('host.json', { version: '2.0' }));
    expect(http.routePrefix).toBe('api');
    expect(queues).toEqual({
      batchSize: 16,
      newBatchThreshold: 8,
      maxDequeueCount: 5,
      visibilityTimeout: 0,
      maxPollingInterval: 2_000,
      messageEncoding: 'base64',
    });
  });

  it('is overridden by AzureFunctionsJobHost settings', () => {
    const dir = folderWith('host.json', { version: '2.0', extensions: { queues: { batchSize: 2 } } });
    const { queues } = readHostJson(dir, {
      AzureFunctionsJobHost__extensions__queues__visibilityTimeout: '00:00:07',
      AzureFunctionsJobHost__extensions__queues__batchSize: '4',
    });
    expect(queues).toMatchObject({ visibilityTimeout: 7_000, batchSize: 4 });
  });

  it('names what is wrong', () => {
    expect(() =>
      readHostJson(folderWith('host.json', { extensions: { queues: { batchSize: 99 } } })),
    ).toThrow(/batchSize/);
    expect(() => readHostJson(tmpdir())).toThrow(/host.json is missing/);
  });

  it('reads time spans', () => {
    expect(timeSpanMs('1.02:03:04.5')).toBe(93_784_500);
    expect(() => timeSpanMs('ten minutes')).toThrow('hh:mm:ss');
  });
});

describe('settings', () => {
  it('fill %NAME% in bindings and say which is missing', () => {
    expect(resolveSetting('q-%STAGE%', { STAGE: 'dev' })).toBe('q-dev');
    expect(() => resolveSetting('q-%STAGE%', {})).toThrow('"STAGE", which is not set');
  });

  it('come from local.settings.json', () => {
    expect(readLocalSettings(folderWith('local.settings.json', { Values: { A: '1' } }))).toEqual({ A: '1' });
    expect(() => readLocalSettings(folderWith('local.settings.json', { Values: { A: 1 } }))).toThrow(
      /local\.settings\.json/,
    );
    expect(readLocalSettings(tmpdir())).toEqual({});
  });
});

describe('queue messages', () => {
  it('travel as base64 unless told otherwise', () => {
    expect(decodeMessage(encodeMessage('grüß', 'base64'), 'base64')).toBe('grüß');
    expect(decodeMessage('plain words', 'base64')).toBeUndefined();
    expect(decodeMessage('plain words', 'none')).toBe('plain words');
  });

  it('are one per element of an array, objects indented', () => {
    expect(outputMessages({ json: '[{"a":1},"b"]' })).toEqual(['{\n  "a": 1\n}', 'b']);
    expect(outputMessages({ string: '12' })).toEqual(['12']);
  });

  it('give their JSON members to trigger metadata as .NET texts', () => {
    expect(jsonBindingData('{"fail":true,"n":1.5,"o":{"a":[1]},"none":null}')).toEqual({
      fail: { string: 'True' },
      n: { string: '1.5' },
      o: { json: '{"a":[1]}' },
    });
    expect(jsonBindingData('[1]')).toEqual({});
    expect(jsonBindingData('{broken')).toEqual({});
  });
});
