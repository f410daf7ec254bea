import { hash } from 'node:crypto';
import { describe, expect, it, vi } from 'vitest';
import { countInput } from '../../../../shared/audit/tokens/inputTokens.ts';
import { SectionCounts } from '../../../../shared/audit/tokens/sectionCounts.ts';
import { loadTokenCounter, type TokenCounter } from '../../../../shared/audit/tokens/tokenCounter.ts';
import { Turns } from '../../../../shared/audit/turns.ts';
import { input } from '../../../support/audit.ts';
import { encodings } from './reference.ts';

/** A counter that tells what it was asked to count. */
async function watched(encoding: (typeof encodings)[number] = 'o200k_base') {
  const counter = await loadTokenCounter(encoding);
  const begin = vi.fn(counter.begin);
  return {
    begin,
    counter: Object.assign((text: string) => counter(text), { encoding, begin }) satisfies TokenCounter,
  };
}

describe('SectionCounts', () => {
  it('counts a text once', async () => {
    const { begin, counter } = await watched();
    const sections = new SectionCounts();
    const texts = ['a b', 'c', 'a b'].map((text) => ({ text }));
    expect(await sections.countAll(texts, counter, new Turns())).toBe(5);
    expect(await sections.countAll(texts, counter, new Turns())).toBe(5);
    expect(begin.mock.calls).toEqual([['a b'], ['c']]);
  });

  it('takes the key of whoever knows one, and reads no text for it', async () => {
    const { begin, counter } = await watched();
    const sections = new SectionCounts();
    const sha256 = hash('sha256', 'a b', 'base64url');
    await sections.count({ text: 'a b' }, counter, new Turns());
    expect(sections.get('o200k_base', sha256)).toBe(2);
    const unread = vi.fn(() => 'a b');
    expect(await sections.count({ text: unread, key: sha256 }, counter, new Turns())).toBe(2);
    expect(unread).not.toHaveBeenCalled();
    expect(await sections.count({ text: unread, key: 'another' }, counter, new Turns())).toBe(2);
    expect(begin).toHaveBeenCalledTimes(2);
  });

  it('keeps encodings apart', async () => {
    const sections = new SectionCounts();
    const text = 'Größenwahnsinnig 漢字';
    for (const encoding of encodings) {
      const { begin, counter } = await watched(encoding);
      expect(await sections.count({ text }, counter, new Turns())).toBe(counter(text));
      expect(begin).toHaveBeenCalledTimes(1);
    }
  });

  it('forgets what was used least recently', () => {
    const sections = new SectionCounts(2);
    sections.set('o200k_base', 'a', 1);
    sections.set('o200k_base', 'b', 2);
    sections.get('o200k_base', 'a');
    sections.set('o200k_base', 'c', 3);
    sections.set('o200k_base', 'c', 4);
    expect(['a', 'b', 'c'].map((key) => sections.get('o200k_base', key))).toEqual([1, undefined, 4]);
  });

  it('stops when told to, and keeps no count of what it did not finish', async () => {
    const { counter } = await watched();
    const sections = new SectionCounts();
    const text = 'a'.repeat(500_000);
    const turns = new Turns(AbortSignal.abort(new Error('enough')));
    await expect(sections.count({ text }, counter, turns)).rejects.toThrow('enough');
    expect(sections.get('o200k_base', hash('sha256', text, 'base64url'))).toBeUndefined();
  });

  it('counts of an audited tree only the file that has changed', async () => {
    const { begin, counter } = await watched();
    const sections = new SectionCounts();
    await countInput(input, counter, sections, new Turns());
    begin.mockClear();
    const files = input.files.map((file, i) => (i === 0 ? { ...file, text: `${file.text}// new\n` } : file));
    const tokens = await countInput({ ...input, files }, counter, sections, new Turns());
    expect(begin).toHaveBeenCalledTimes(2);
    expect(tokens).toEqual(await countInput({ ...input, files }, counter, new SectionCounts(), new Turns()));
  });
});
