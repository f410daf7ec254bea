import { describe, expect, it } from 'vitest';
import type { Beat, ToolBeat } from '../../../../shared/tools/live/instances.ts';
import { toolsStatus } from '../../../../shared/tools/live/status.ts';

const tool = (given: Partial<ToolBeat> = {}): ToolBeat => ({
  name: 'echo',
  kind: 'code',
  version: '1',
  sha256: 'a',
  publisher: 'jo',
  since: '2026-11-21T10:00:00.000Z',
  calls: 0,
  errors: 0,
  ...given,
});
const beat = (instance: string, sequence: number, ...tools: ToolBeat[]): Beat => ({
  instance,
  sequence,
  at: '2026-11-21T11:00:00.000Z',
  tools,
  problems: [],
});

const failure = { kind: 'dead-letter', reason: 'load', message: 'No.' };

describe('toolsStatus', () => {
  it('adds up what the instances have seen of a version', () => {
    const status = toolsStatus([
      beat('a', 3, tool({ calls: 10, errors: 1, p50: 5, p95: 9 })),
      beat('b', 3, tool({ calls: 30, errors: 2, p50: 6, p95: 8, since: '2026-11-21T09:00:00.000Z' })),
      beat('c', 3, tool()),
    ]);
    expect(status).toMatchObject({ sequence: 3, isComplete: true });
    expect(status.tools).toEqual([
      tool({
        calls: 40,
        errors: 3,
        p50: 6,
        p95: 9,
        since: '2026-11-21T09:00:00.000Z',
        instances: 3,
        deadLetters: [],
      } as never),
    ]);
  });

  it('tells versions apart while they change', () => {
    const status = toolsStatus([beat('a', 4, tool({ version: '2', sha256: 'b' })), beat('b', 3, tool())]);
    expect(status).toMatchObject({ sequence: 4, isComplete: false });
    expect(status.tools.map(({ version, instances }) => [version, instances])).toEqual([
      ['2', 1],
      ['1', 1],
    ]);
    expect(status.instances).toEqual([
      expect.objectContaining({ instance: 'a', sequence: 4 }),
      expect.not.objectContaining({ tools: expect.anything() }),
    ]);
  });

  it('has dead letters by version and instance, those of versions that are loaded nowhere too', () => {
    const at = '2026-11-21T10:00:00.000Z';
    const refusal = { at, kind: 'refused', refusal: 'unsigned' };
    const letter = { ...{ at, name: 'echo', version: '2', sha256: 'b', sequence: 3 }, ...failure };
    const known = { ...letter, name: 'known', toolKind: 'http', publisher: 'jo' };
    const { tools, instances } = toolsStatus([
      { ...beat('a', 3, tool()), problems: [letter] },
      { ...beat('b', 3, tool({ version: '2', sha256: 'b' })) },
      { ...beat('c', 3), problems: [letter, refusal, known, { ...letter, name: 'other' }] },
    ]);
    const told = (instance: string) => ({ instance, at, sequence: 3, reason: 'load', message: 'No.' });
    expect(tools).toMatchObject([
      { name: 'echo', version: '1', instances: 1, deadLetters: [] },
      { name: 'echo', version: '2', instances: 1, deadLetters: [told('a'), told('c')] },
      { name: 'known', kind: 'http', publisher: 'jo', instances: 0, deadLetters: [told('c')] },
      { name: 'other', version: '2', instances: 0, deadLetters: [told('c')] },
    ]);
    expect(tools[3]).not.toHaveProperty('kind');
    expect(instances.map(({ problems }) => problems)).toEqual([[], [], [refusal]]);
  });

  it('has nothing to tell without instances', () => {
    expect(toolsStatus([])).toEqual({ sequence: 0, isComplete: true, tools: [], instances: [] });
  });
});
