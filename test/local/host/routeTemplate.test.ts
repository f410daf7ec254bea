import { describe, expect, it } from 'vitest';
import { parseRouteTemplate } from '../../../local/host/routeTemplate.ts';

const cases: [template: string, path: string, params: Record<string, string> | undefined][] = [
  ['items/{id:int}', 'items/42', { id: '42' }],
  ['items/{id:int}', 'items/2147483648', undefined],
  ['items/{id:long}', 'items/2147483648', { id: '2147483648' }],
  ['items/{id:int:min(3)}', 'items/2', undefined],
  ['items/{id:max(3)}', 'items/4', undefined],
  ['items/{id=7}', 'items', { id: '7' }],
  ['Items/{id?}', 'iTEMS', {}],
  ['items/{id?}', 'items/', {}],
  ['items/{id?}', 'items/a/b', undefined],
  ['a/{b}', 'a', undefined],
  ['a/{**rest}', 'a/b/c', { rest: 'b/c' }],
  ['f/{name}.{ext}', 'f/report.pdf', { name: 'report', ext: 'pdf' }],
  ['f/file-{id:length(2,3)}', 'f/file-abc', { id: 'abc' }],
  ['f/file-{id:length(2,3)}', 'f/file-a', undefined],
  ['v/{x:minlength(2)}', 'v/a', undefined],
  ['v/{x:maxlength(2)}', 'v/abc', undefined],
  ['v/{x:bool}', 'v/TRUE', { x: 'TRUE' }],
  ['v/{x:decimal}', 'v/1.5', { x: '1.5' }],
  ['v/{x:datetime}', 'v/2026-11-21', { x: '2026-11-21' }],
  ['v/{x:regex(^a[0-9]+$)}', 'v/a12', { x: 'a12' }],
  ['v/{x:regex(^a[0-9]+$)}', 'v/b1', undefined],
  ['v/{x:required}', 'v/a', { x: 'a' }],
  ['', '', {}],
];

describe('parseRouteTemplate', () => {
  it.each(cases)('%s on %s', (template, path, params) => {
    expect(parseRouteTemplate(template).match(path)).toEqual(params);
  });

  it('names all its parameters, filled or not', () => {
    expect(parseRouteTemplate('a/{b}/{c?}/{*d}').parameters).toEqual(['b', 'c', 'd']);
  });

  it('refuses a constraint ASP.NET does not have', () => {
    expect(() => parseRouteTemplate('a/{b:colour}')).toThrow('unknown route constraint "colour"');
  });

  it('refuses a parameter without a name', () => {
    expect(() => parseRouteTemplate('a/{:int}')).toThrow('does not name a route parameter');
  });
});
