import { describe, expect, it } from 'vitest';
import { compileAnswer } from '../../../../shared/tools/http/spokenAnswer.ts';
import { lookupIn } from '../../../../shared/tools/http/values.ts';
import { contextWith, define } from './parts.ts';

function tell(response: object, status: number, body: unknown, input: Record<string, unknown> = { id: '7' }) {
  const lookup = lookupIn(input, contextWith().context);
  const definition = define({ response: { timeZone: 'Europe/Zurich', ...response } });
  return compileAnswer(definition.response)({ status, body }, lookup, 'Europe/Zurich');
}

const said = (text: string) => ({ kind: 'said', text });
const failed = (words: string) => ({ kind: 'failed', words });
const unexpected = { kind: 'unexpected' };

describe('an answer', () => {
  it('is said with values of itself, of the arguments and of the call', () => {
    const response = {
      say: 'Order {id} of {context.caller}: {/a/0/b}, {/n}, {/yes}, due {/due|datetime}. {{ok}}',
    };
    const body = { a: [{ b: 'sent' }], n: 1.5, yes: true, due: '2026-12-01T08:30:00Z' };
    expect(tell(response, 200, body)).toEqual(
      said('Order 7 of +41445550100: sent, 1.5, true, due Tuesday 1 December at 9:30 am. {ok}'),
    );
  });

  it('never brings a template along', () => {
    expect(tell({ say: 'It is {/state}.' }, 200, { state: '{id} {/other}', other: 'x' })).toEqual(
      said('It is {id} {/other}.'),
    );
  });

  it('takes the words that are written where a value is missing', () => {
    const response = { say: 'By {/who ?? us} {/when|date ?? some day}.' };
    expect(tell(response, 200, { when: 'soon' })).toEqual(said('By us some day.'));
    expect(tell(response, 200, { who: null, when: '2026-12-01' })).toEqual(said('By us Tuesday 1 December.'));
  });

  it.each([
    ['a value that is missing', {}],
    ['null', { state: null }],
    ['an object', { state: {} }],
    ['a list', { state: ['sent'] }],
    ['no JSON', undefined],
    ['a text', 'sent'],
    ['a member that every object has', Object.create({ state: 'sent' })],
  ])('with %s instead of what is to be said is unexpected', (_what, body) => {
    expect(tell({}, 200, body)).toEqual(unexpected);
  });

  it('without a value to be said needs no body', () => {
    expect(tell({ say: 'Done.' }, 204, undefined)).toEqual(said('Done.'));
  });

  it('is a failure by its status, in words of its own or the words for all others', () => {
    const errors = { '409': 'Taken.', '207': 'In part.', default: 'It failed.' };
    const body = { state: 'sent' };
    expect(tell({ errors }, 409, body)).toEqual(failed('Taken.'));
    expect(tell({ errors }, 207, body)).toEqual(failed('In part.'));
    for (const status of [199, 300, 302, 400, 404, 500])
      expect(tell({ errors }, status, body)).toEqual(failed('It failed.'));
    for (const status of [200, 299]) expect(tell({ errors }, status, body)).toEqual(said('It is sent.'));
  });

  it('is a failure by what it says, whatever its status: the first that holds', () => {
    const fails = [
      { pointer: '/error', equals: 'taken', say: 'Taken.' },
      { pointer: '/ok', equals: false, say: 'Refused.' },
    ];
    const state = 'sent';
    expect(tell({ fails }, 200, { state, ok: false, error: 'taken' })).toEqual(failed('Taken.'));
    expect(tell({ fails }, 200, { state, ok: false })).toEqual(failed('Refused.'));
    expect(tell({ fails }, 400, { error: 'taken' })).toEqual(failed('Taken.'));
    expect(tell({ fails }, 200, { state, ok: 'false' })).toEqual(said('It is sent.'));
    expect(tell({ fails }, 200, { state, ok: 0 })).toEqual(said('It is sent.'));
    expect(tell({ fails }, 200, { state, ok: true, error: 'taken or so' })).toEqual(said('It is sent.'));
  });
});

describe('a list', () => {
  const list = {
    items: '/free',
    each: '{/at|time} ({/n ?? 1})',
    most: 2,
    more: 'and {list.more} more',
    empty: 'Nothing for {id}.',
  };
  const response = { say: 'Free: {list.text}. Which one?', list };
  const at = (hour: number) => ({ at: `2026-12-01T${String(hour).padStart(2, '0')}:00:00Z` });

  it('is said item by item, with how many more there are', () => {
    expect(tell(response, 200, { free: [at(8), { ...at(9), n: 2 }] })).toEqual(
      said('Free: 9 am (1), 10 am (2). Which one?'),
    );
    expect(tell(response, 200, { free: [at(8), at(9), at(10), at(12)] })).toEqual(
      said('Free: 9 am (1), 10 am (1) and 2 more. Which one?'),
    );
  });

  it('needs no words for more', () => {
    const { more: _more, ...short } = list;
    expect(
      tell({ ...response, list: { ...short, separator: ' or ' } }, 200, { free: [at(8), at(9), at(10)] }),
    ).toEqual(said('Free: 9 am (1) or 10 am (1). Which one?'));
  });

  it('is taken from an object of lists in its order', () => {
    expect(
      tell(response, 200, { free: { '2026-12-01': [at(8)], '2026-12-02': [], '2026-12-03': [at(9)] } }),
    ).toEqual(said('Free: 9 am (1), 10 am (1). Which one?'));
  });

  it.each([[[]], [{}], [{ '2026-12-01': [] }]])('that is empty is said in its own words: %j', (free) => {
    expect(tell(response, 200, { free })).toEqual(said('Nothing for 7.'));
  });

  it.each([[undefined], [null], ['none'], [{ a: 1 }], [{ a: at(8) }], [[{ at: 'soon' }]], [[at(8), null]]])(
    'of another shape is unexpected: %j',
    (free) => {
      expect(tell(response, 200, { free })).toEqual(unexpected);
    },
  );

  it('is of scalars where the pointer is to the item itself', () => {
    const plain = { say: '{list.text}', list: { items: '', each: '{/0}', empty: 'None.' } };
    expect(tell(plain, 200, [['a'], ['b']])).toEqual(said('a, b'));
  });
});
