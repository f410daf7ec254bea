import { afterEach, expect, it, vi } from 'vitest';
import { printTools } from '../../../local/tools/show.ts';
import { toolsStatus } from '../../../shared/tools/live/status.ts';
import type { ToolEntry } from '../../../shared/tools/manifest/manifest.ts';
import { entryOf, manifestOf } from '../../support/publishedTools.ts';

afterEach(() => vi.restoreAllMocks());

it('says of each published tool where it is live, and why it is not', () => {
  const [good, broken] = [entryOf('good'), entryOf('broken')];
  const at = '2026-11-21T10:00:00.000Z';
  const letterOf = (name: string, { sha256 }: ToolEntry) => ({
    kind: 'dead-letter',
    ...{ name, version: '1', sha256, sequence: 2, at },
    reason: 'load' as const,
    message: 'It does not start.',
  });
  const live = { name: 'a', kind: 'code', version: '1', sha256: good.sha256, calls: 3, errors: 1 };
  const beat = { instance: 'i', sequence: 2, at, tools: [live] };
  const problems = [letterOf('b', broken), letterOf('c', entryOf('gone'))];
  const said = vi.spyOn(console, 'log').mockReturnValue();
  printTools(manifestOf(2, { a: good, b: broken }), toolsStatus([{ ...beat, problems }]));
  const lines = said.mock.calls.map(([line]) => String(line).trim());
  expect(lines.slice(1)).toEqual([
    expect.stringMatching(/^a +code 1, [0-9a-f]{12}, tester: live on 1, 3 calls, 1 errors$/),
    expect.stringMatching(/^b +code 1, [0-9a-f]{12}, tester: not live on any instance in use$/),
    `does not load on i, ${at}: load, It does not start.`,
  ]);
});

it('says what there is by now, and what is planned', () => {
  const tools = { a: entryOf('one'), b: entryOf('b'), c: entryOf('c') };
  const planned = { a: entryOf('two'), b: entryOf('b') };
  const linesAt = (activeFrom: string) => {
    const said = vi.spyOn(console, 'log').mockReturnValue();
    said.mockClear();
    printTools(manifestOf(2, tools, { next: { activeFrom, tools: planned } }), toolsStatus([]));
    return said.mock.calls.slice(1).map(([line]) => String(line).trim().split(/[ ,]+/).slice(0, 4).join(' '));
  };
  const line = (name: string, { sha256 }: ToolEntry) => `${name} code 1 ${sha256.slice(0, 12)}`;
  expect(linesAt('2001-01-01T00:00:00Z')).toEqual([line('a', planned.a), line('b', planned.b)]);
  expect(linesAt('2999-01-01T00:00:00Z')).toEqual([
    ...Object.entries(tools).map(([name, entry]) => line(name, entry)),
    'planned for 2999-01-01T00:00:00Z:',
    line('a', planned.a),
    'c is gone',
  ]);
});
