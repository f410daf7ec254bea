import { describe, expect, it } from 'vitest';
import { businesses, play, scripts } from './support/playedCall.ts';
import { root } from './support/process.ts';
import { toPage } from './support/receptionistPage.ts';

const longestTurn = 190;

describe('the played calls', async () => {
  const played = await Promise.all(scripts().map(play));

  it('are those of five different businesses', () => {
    expect(new Set(played.map(({ tenant }) => tenant.tenantId)).size).toBe(5);
    expect(played).toHaveLength(businesses().length);
  });

  it.each(played)(
    "$script.title: every tool that is called is the assistant's, and works",
    ({ assistant, turns }) => {
      const names = assistant.model.tools.map(({ type, function: f }) => f?.name ?? type);
      for (const turn of turns) {
        if ('tool' in turn) expect(names).toContain(turn.tool);
        if ('vapi' in turn) expect(names).toContain(turn.vapi);
        if ('result' in turn) expect(turn.result).not.toMatch(/^error|"ok":false/);
      }
    },
  );

  it.each(played)('$script.title: the receptionist keeps to her instructions', ({ turns }) => {
    for (const turn of turns) {
      if (!('receptionist' in turn)) continue;
      expect(turn.receptionist.length).toBeLessThanOrEqual(longestTurn);
      expect(turn.receptionist.match(/\?/g)?.length ?? 0).toBeLessThanOrEqual(1);
      expect(turn.receptionist.match(/[.!?](?= |$)/g)?.length ?? 0).toBeLessThanOrEqual(2);
      expect(turn.receptionist).not.toMatch(/[0-9$£*#]/);
    }
  });

  it('stand in docs/receptionists.md as they are', async () => {
    await expect(toPage(played)).toMatchFileSnapshot(`${root}docs/receptionists.md`);
  });
});
