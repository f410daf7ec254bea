import { describe, expect, it } from 'vitest';
import { etagOf, preconditionOf } from '../../../shared/http/etag.ts';
import { readLimit } from '../../../shared/http/paging.ts';

const version = `W/"datetime'2026-11-21T00%3A49%3A00Z'"`;

describe('preconditionOf', () => {
  it.each([
    [{}, undefined],
    [{ 'if-none-match': '*' }, 'new'],
    [{ 'if-match': etagOf(version) }, { etag: version }],
    [{ 'if-match': ` ${etagOf(version)} ` }, { etag: version }],
  ])('of %j is %j', (headers, expected) => {
    expect(preconditionOf(new Headers(headers as Record<string, string>))).toEqual(expected);
  });

  it.each([
    { 'if-match': '*' },
    { 'if-match': version },
    { 'if-match': '"a", "b"' },
    { 'if-none-match': '"a"' },
    { 'if-match': '"a"', 'if-none-match': '*' },
  ])('refuses %j', (headers) => {
    expect(() => preconditionOf(new Headers(headers as unknown as Record<string, string>))).toThrow(
      'Send If-',
    );
  });

  it('makes strong ETags of weak ones', () => {
    expect(etagOf(version)).toMatch(/^"[\w-]+"$/);
  });
});

describe('readLimit', () => {
  it('is 50 where nothing is said, and from 1 to 1000', () => {
    expect(readLimit(new URLSearchParams())).toBe(50);
    expect(readLimit(new URLSearchParams('limit=1000'))).toBe(1_000);
    for (const wrong of ['0', '1001', '-1', '5.5', 'all', '', '9999'])
      expect(() => readLimit(new URLSearchParams({ limit: wrong }))).toThrow('from 1 to 1000');
  });
});
