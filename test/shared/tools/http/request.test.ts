import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { compileRequest } from '../../../../shared/tools/http/request.ts';
import { lookupIn } from '../../../../shared/tools/http/values.ts';
import { ToolError } from '../../../../shared/tools/tool.ts';
import { contextWith, define } from './parts.ts';

type Change = Parameters<typeof define>[0];

function fill(change: Change, input: Record<string, unknown>, context = contextWith().context) {
  return compileRequest(define(change).request)(lookupIn(input, context), (name) => `value-of-${name}`);
}

const post = (request: object): Change => ({ request: { method: 'POST', ...request } });
const jsonOf = ({ body }: { body?: string | Uint8Array }): unknown => JSON.parse(String(body));

describe('a request', () => {
  it('has what is written and what is given', () => {
    const request = post({
      url: 'https://shop.example/v1/orders/{id}/notes',
      query: { limit: '{count}', by: '{context.caller}', fixed: 'a b' },
      headers: { Authorization: 'Bearer {secret:TOKEN}', 'Idempotency-Key': '{context.idempotencyKey}' },
      body: { note: '{note}', of: 'order {id}', at: '{context.now}', fixed: [1, null, true, '{{raw}}'] },
    });
    expect(fill(request, { id: 'ä/1', note: 'x', count: 3 })).toEqual({
      method: 'POST',
      url: 'https://shop.example/v1/orders/%C3%A4%2F1/notes?limit=3&by=%2B41445550100&fixed=a+b',
      headers: {
        accept: 'application/json',
        'content-type': 'application/json',
        authorization: 'Bearer value-of-TOKEN',
        'idempotency-key': 'k1',
      },
      body: JSON.stringify({
        note: 'x',
        of: 'order ä/1',
        at: '2026-11-20T10:00:00.000Z',
        fixed: [1, null, true, '{raw}'],
      }),
    });
  });

  it('keeps the types of what stands alone in the body', () => {
    const request = post({ body: { count: '{count}', tags: '{tags}', text: '{count} pieces' } });
    expect(jsonOf(fill(request, { id: '1', count: 3, tags: ['a', 'b'] }))).toEqual({
      count: 3,
      tags: ['a', 'b'],
      text: '3 pieces',
    });
  });

  it('leaves out what has no value, and takes words where they are written', () => {
    const { context } = contextWith({ caller: undefined });
    const request = post({
      query: { a: '{note}', b: '{context.caller}', c: '{note ?? none}' },
      body: { a: '{note}', b: 'from {context.caller}', c: ['{note}', 'x'], d: '{note ?? somebody}', e: {} },
    });
    const filled = fill(request, { id: '1' }, context);
    expect(filled.url).toBe('https://shop.example/v1/orders/1?c=none');
    expect(jsonOf(filled)).toEqual({ c: ['x'], d: 'somebody', e: {} });
  });

  it('knows no argument that was not given, whatever it is called', () => {
    const properties = { id: { type: 'string' }, constructor: { type: 'string' } };
    const inputSchema = { type: 'object', properties, required: ['id'] };
    const request = { method: 'POST', body: { a: '{constructor ?? none}' } };
    expect(jsonOf(fill({ inputSchema, request }, { id: '1' }))).toEqual({ a: 'none' });
  });

  it('has no body where none is written, and no argument reaches it by itself', () => {
    const filled = fill({}, { id: '1', note: 'secret plan' });
    expect(filled).not.toHaveProperty('body');
    expect(filled.headers).toEqual({ accept: 'application/json' });
  });

  it('takes who calls from the call, whatever the arguments say', () => {
    const request = post({ body: { caller: '{context.caller}' } });
    const input = { id: '1', caller: '+1', context: { caller: '+1' }, 'context.caller': '+1' };
    expect(jsonOf(fill(request, input))).toEqual({ caller: '+41445550100' });
  });
});

const fixed = post({
  url: 'https://shop.example/v1/orders/{id}/notes',
  query: { q: '{note}', fixed: 'yes' },
  body: { note: '{note}', text: 'a {note} b', fixed: { deep: true } },
});

describe('no argument', () => {
  it.each(['', '.', '..', '../admin', '..\\admin', 'a/../../admin', '%2e%2e', '.%2E', '%2e%2e/x', '\ud800'])(
    '%j can stand in a path',
    (id) => {
      expect(() => fill(fixed, { id })).toThrow(ToolError);
    },
  );

  it.each([
    '?admin=1',
    '#x',
    '@evil.example',
    '//evil.example',
    '\\\\evil.example',
    'a\r\nHost: evil',
    ':80',
    ';a=b',
    '%2f',
    'a%00',
  ])('%j leaves its segment', (id) => {
    const url = new URL(fill(fixed, { id, note: '1' }).url);
    expect([url.origin, url.hash, url.search]).toEqual(['https://shop.example', '', '?q=1&fixed=yes']);
    expect(url.pathname.split('/').map(decodeURIComponent)).toEqual(['', 'v1', 'orders', id, 'notes']);
  });

  it('changes where a request goes or what its members are', () => {
    const nasty = fc.oneof(
      fc.string({ unit: 'binary' }),
      fc.string({
        unit: fc.constantFrom(
          '.',
          '/',
          '\\',
          '%',
          '2',
          'e',
          '?',
          '#',
          '@',
          ':',
          '&',
          '=',
          '"',
          '{',
          '}',
          '\r',
          '\n',
        ),
      }),
    );
    let accepted = 0;
    fc.assert(
      fc.property(nasty, nasty, (id, note) => {
        let filled: ReturnType<typeof fill>;
        try {
          filled = fill(fixed, { id, note });
        } catch (error) {
          expect(error).toBeInstanceOf(ToolError);
          return;
        }
        accepted++;
        const url = new URL(filled.url);
        expect(url.href).toBe(filled.url);
        expect(url.origin).toBe('https://shop.example');
        expect(url.pathname.split('/').map(decodeURIComponent)).toEqual(['', 'v1', 'orders', id, 'notes']);
        expect([...url.searchParams]).toEqual([
          ['q', note.toWellFormed()],
          ['fixed', 'yes'],
        ]);
        expect(jsonOf(filled)).toEqual({ note, text: `a ${note} b`, fixed: { deep: true } });
        expect(filled.headers).toEqual({ accept: 'application/json', 'content-type': 'application/json' });
      }),
      { numRuns: 1_000 },
    );
    expect(accepted).toBeGreaterThan(300);
  });
});
