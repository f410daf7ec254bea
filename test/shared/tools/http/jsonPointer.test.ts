import { describe, expect, it } from 'vitest';
import { isPointer, valueAt } from '../../../../shared/tools/http/jsonPointer.ts';

/** RFC 6901, section 5, its document and every pointer it evaluates. */
const document = {
  foo: ['bar', 'baz'],
  '': 0,
  'a/b': 1,
  'c%d': 2,
  'e^f': 3,
  'g|h': 4,
  'i\\j': 5,
  'k"l': 6,
  ' ': 7,
  'm~n': 8,
};

describe('a JSON Pointer', () => {
  it.each<[string, unknown]>([
    ['', document],
    ['/foo', ['bar', 'baz']],
    ['/foo/0', 'bar'],
    ['/', 0],
    ['/a~1b', 1],
    ['/c%d', 2],
    ['/e^f', 3],
    ['/g|h', 4],
    ['/i\\j', 5],
    ['/k"l', 6],
    ['/ ', 7],
    ['/m~0n', 8],
  ])('%j leads where RFC 6901 says', (pointer, value) => {
    expect(isPointer(pointer)).toBe(true);
    expect(valueAt(document, pointer)).toEqual(value);
  });

  it('reads ~01 as ~1 and not as a slash', () => {
    expect(valueAt({ '~1': 'right', '/': 'wrong' }, '/~01')).toBe('right');
  });

  it.each([
    '/foo/2',
    '/foo/-',
    '/foo/00',
    '/foo/01',
    '/foo/length',
    '/none/x',
    '/constructor',
    '/__proto__',
    '/foo/0/0',
  ])('%s leads nowhere', (pointer) => {
    expect(valueAt(document, pointer)).toBeUndefined();
  });

  it.each(['foo', '/a~', '/a~2'])('%s is none', (text) => {
    expect(isPointer(text)).toBe(false);
  });
});
