import { describe, expect, it } from 'vitest';
import { selfTest } from '../../../../shared/tools/http/selfTest.ts';
import { define } from './parts.ts';

const definition = {
  request: {
    method: 'POST',
    headers: { 'X-Key': '{secret:KEY}' },
    body: { note: '{note}', by: '{context.caller}' },
  },
};
const good = {
  name: 'sent',
  input: { id: '7', note: 'x' },
  context: { caller: '+41445550100' },
  answer: { status: 200, body: { state: 'sent' } },
  request: {
    url: 'https://shop.example/v1/orders/7',
    headers: { 'x-key': 'secret-KEY' },
    body: { by: '+41445550100', note: 'x' },
  },
  say: 'It is sent.',
};
const test = (change: object) =>
  selfTest(define({ ...definition, selfTest: [{ ...good, ...change }] }), (input) =>
    input.id === undefined ? { ok: false, faults: ['id: is missing'] } : { ok: true, input },
  );

describe('a self-test', () => {
  it('finds nothing where all is as expected', async () => {
    expect(await test({})).toEqual([]);
    expect(await selfTest(define(), (input) => ({ ok: true, input }))).toEqual([]);
  });

  it.each<[string, object, string]>([
    ['another line', { say: 'It is gone.' }, 'sent: says "It is sent." instead of "It is gone."'],
    [
      'a failure',
      { answer: { status: 500 } },
      'sent: says "It cannot be looked up." instead of "It is sent."',
    ],
    [
      'another address',
      { request: { url: 'https://shop.example/v1/orders/8' } },
      'sent: goes to https://shop.example/v1/orders/7 instead of https://shop.example/v1/orders/8',
    ],
    [
      'another header',
      { request: { headers: { 'X-Key': 'other' } } },
      'sent: sends X-Key: secret-KEY instead of other',
    ],
    [
      'a header that is not sent',
      { request: { headers: { 'X-Other': 'a' } } },
      'sent: sends X-Other: (none) instead of a',
    ],
    [
      'another body',
      { request: { body: { note: 'x' } } },
      'sent: sends {"note":"x","by":"+41445550100"} instead of {"note":"x"}',
    ],
    ['arguments that are refused', { input: {} }, 'sent: the input is not valid: id: is missing'],
  ])('says what differs: %s', async (_what, change, difference) => {
    expect(await test(change)).toEqual([difference]);
  });

  it('says it where nothing was sent', async () => {
    const said = 'id is not valid. Ask for it and call the tool again.';
    expect(await test({ input: { id: '..' }, say: said })).toEqual(['sent: sends nothing']);
  });

  it('hides secrets like every other run', async () => {
    const answer = { status: 200, body: { state: 'secret-KEY' } };
    expect(await test({ answer, say: 'It is [secret].' })).toEqual([]);
  });
});
