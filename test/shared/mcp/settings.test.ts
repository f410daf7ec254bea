import { expect, it } from 'vitest';
import { readSettings } from '../../../shared/settings.ts';

const read = (GATEHOUSE_MCP_ORIGINS: string) => readSettings({ GATEHOUSE_MCP_ORIGINS }).mcp;

it('no web page may ask unless it is named', () => {
  expect(read('')).toEqual({ ok: true, value: { origins: [] } });
  const origins = ['https://app.example', 'http://localhost:6274'];
  expect(read(origins.join(', '))).toEqual({ ok: true, value: { origins } });
});

it.each(['https://app.example/', 'app.example', '*', 'https://app.example/mcp'])(
  'an origin is no "%s"',
  (origin) => {
    expect(read(origin)).toMatchObject({
      ok: false,
      problems: [{ setting: 'GATEHOUSE_MCP_ORIGINS', problem: expect.stringContaining('must be origins') }],
    });
  },
);
