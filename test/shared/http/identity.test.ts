import { HttpRequest } from '@azure/functions';
import { describe, expect, it } from 'vitest';
import { callerOf, routeParam, sourceAddressOf } from '../../../shared/http/identity.ts';
import { request } from '../../support/http.ts';

describe('callerOf', () => {
  it('is the same for a key in the header and in the query, another for another key, and never the key', () => {
    const byHeader = callerOf(request({ headers: { 'x-functions-key': 'pipeline-key-1' } }));
    expect(byHeader).toMatch(/^key-[\da-f]{16}$/);
    expect(callerOf(request({ query: { code: 'pipeline-key-1' } }))).toBe(byHeader);
    expect(callerOf(request({ headers: { 'x-functions-key': 'pipeline-key-2' } }))).not.toBe(byHeader);
  });

  it('is not made another caller by a second value, of which the host checks none', () => {
    const plain = callerOf(request({ headers: { 'x-functions-key': 'pipeline-key-1' } }));
    expect(callerOf(request({ headers: { 'x-functions-key': 'pipeline-key-1, r4nd0m' } }))).toBe(plain);
  });

  it('is anonymous without a key', () => {
    expect(callerOf(request({ headers: { 'x-functions-key': '' } }))).toBe('anonymous');
  });
});

describe('sourceAddressOf', () => {
  it.each([
    ['203.0.113.7', '203.0.113.7'],
    ['203.0.113.7:51234', '203.0.113.7'],
    ['10.9.9.9, 203.0.113.7:51234', '203.0.113.7'],
    ['[2001:db8::1]:51234', '2001:db8::1'],
    ['2001:db8::1', '2001:db8::1'],
    ['', undefined],
    ['10.0.0.1, ', undefined],
    ['x'.repeat(65), undefined],
  ])('%s: %s', (forwarded, address) => {
    expect(sourceAddressOf(new Headers({ 'x-forwarded-for': forwarded }))).toBe(address);
  });

  it('is not known without a proxy', () => {
    expect(sourceAddressOf(new Headers())).toBeUndefined();
  });
});

describe('routeParam', () => {
  const withParam = (value: string) =>
    new HttpRequest({ url: 'http://localhost/api/x', method: 'GET', params: { identifier: value } });

  it.each([
    ['%2B61%2F2', '+61/2'],
    ['a b', 'a b'],
    ['100%', '100%'],
    ['%252F', '%2F'],
  ])('%s is %s: decoded once', (raw, decoded) => {
    expect(routeParam(withParam(raw), 'identifier')).toBe(decoded);
  });

  it('is empty where it is missing', () => {
    expect(routeParam(withParam('x'), 'policy')).toBe('');
  });
});
