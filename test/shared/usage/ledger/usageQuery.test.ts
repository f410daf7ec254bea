import { describe, expect, it } from 'vitest';
import { readUsageQuery } from '../../../../shared/usage/ledger/usageQuery.ts';

const read = (query: string, accept: string | null = null, mostDays = 30) =>
  readUsageQuery(new URLSearchParams(query), accept, mostDays);

describe('readUsageQuery', () => {
  it('is seven days as JSON without groups where nothing is asked', () => {
    expect(read('')).toEqual({ days: 7, by: [], isCsv: false });
  });

  it('asks for no more days than are kept, where nothing is asked', () => {
    expect(read('', null, 3).days).toBe(3);
  });

  it.each<[string, Partial<ReturnType<typeof read>>]>([
    ['days=1', { days: 1 }],
    ['days=30', { days: 30 }],
    ['by=model,tenant', { by: ['model', 'tenant'] }],
    ['by=caller, day ,', { by: ['caller', 'day'] }],
    ['by=model,model', { by: ['model'] }],
    ['by=', { by: [] }],
    ['format=csv', { isCsv: true }],
    ['format=json', { isCsv: false }],
  ])('reads %s', (query, part) => {
    expect(read(query)).toMatchObject(part);
  });

  it.each<[string | null, string, boolean]>([
    ['text/csv', '', true],
    ['text/html, Text/CSV;q=0.9', '', true],
    ['application/json', '', false],
    ['*/*', '', false],
    ['text/csv', 'format=json', false],
    ['application/json', 'format=csv', true],
  ])('takes the format from Accept %s and %j', (accept, query, isCsv) => {
    expect(read(query, accept).isCsv).toBe(isCsv);
  });

  it.each([
    ['days=0', /"days" must be a whole number from 1 to 30/],
    ['days=31', /from 1 to 30/],
    ['days=-1', /"days"/],
    ['days=1.5', /"days"/],
    ['days=', /"days"/],
    ['days=week', /"days"/],
    ['days=Infinity', /"days"/],
    ['days=1e99', /"days"/],
    ['by=month', /"by" must name day, model, tenant, caller/],
    ['by=model;tenant', /"by"/],
    ['by=Model', /"by"/],
    ['by=constructor', /"by"/],
    ['format=xml', /"format" must be json or csv/],
    ['format=', /"format"/],
  ])('refuses %s and says what is allowed', (query, message) => {
    expect(() => read(query)).toThrow(
      expect.objectContaining({
        code: 'invalid-request',
        status: 400,
        message: expect.stringMatching(message),
      }),
    );
  });
});
