import type { HttpResponse } from '@azure/functions';
import { describe, expect, it } from 'vitest';
import { AppError, failures } from '../../../shared/errors.ts';
import type { Answer } from '../../../shared/http/answer.ts';
import { endpoint } from '../../../shared/http/endpoint.ts';
import { invocation, request } from '../../support/http.ts';

async function call(
  handle: Parameters<typeof endpoint>[0],
  headers: Record<string, string> = {},
  traceParent?: string,
) {
  const { context, lines } = invocation(traceParent);
  const response = (await endpoint(handle, { route: '/api/test' })(
    request({ headers }),
    context,
  )) as HttpResponse;
  const text = await response.text();
  return {
    response,
    text,
    problem: text.startsWith('{') ? (JSON.parse(text) as Record<string, unknown>) : {},
    lines,
  };
}

describe('endpoint', () => {
  it('passes the answer on with a correlation id', async () => {
    const { response, text } = await call(async () => ({ status: 201, jsonBody: { a: 1 } }), {
      'x-correlation-id': 'mine-1',
    });
    expect([response.status, text, response.headers.get('x-correlation-id')]).toEqual([
      201,
      '{"a":1}',
      'mine-1',
    ]);
  });

  it('answers a problem where the handler throws, and says nothing of why', async () => {
    const { response, problem, lines } = await call(async () => {
      throw new Error('password=hunter2 in /etc');
    });
    expect(response.status).toBe(500);
    expect(response.headers.get('content-type')).toBe('application/problem+json');
    expect(problem).toMatchObject({
      type: 'urn:gatehouse:problem:internal',
      status: 500,
      code: 'internal',
      retryable: true,
    });
    expect(problem.correlationId).toBe(response.headers.get('x-correlation-id'));
    expect(JSON.stringify(problem)).not.toContain('hunter2');
    expect(lines[0]).toContain('request-failed');
  });

  it('answers a problem where the handler returns nothing', async () => {
    const { response } = await call(async () => undefined as unknown as Answer);
    expect(response.status).toBe(500);
  });

  it('answers a problem where the handler gave an impossible response', async () => {
    const { response } = await call(async () => ({ status: 200, headers: { 'bad header': 'x' } }));
    expect(response.status).toBe(500);
    expect((await call(async () => ({ status: 99 }))).response.status).toBe(500);
  });

  it('tells of an expected failure what to do, and when to try again', async () => {
    const { response, problem } = await call(async () => {
      throw new AppError('storage-unavailable', 'Try again shortly.', {
        retryAfter: 5,
        details: { errors: ['x'] },
      });
    });
    expect(response.status).toBe(503);
    expect(response.headers.get('retry-after')).toBe('5');
    expect(problem).toMatchObject({ detail: 'Try again shortly.', errors: ['x'] });
  });

  it.each([
    [{ 'x-call-id': 'call-1' }, undefined, 'call-1'],
    [{ 'x-correlation-id': 'a\u00e9 b', 'x-call-id': 'call-1' }, undefined, 'call-1'],
    [{}, '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01', '4bf92f3577b34da6a3ce929d0e0e4736'],
    [{ 'x-correlation-id': 'x'.repeat(200) }, undefined, /^[\da-f-]{36}$/],
  ])('takes its correlation id from %j, trace %s', async (headers, traceParent, expected) => {
    const { response } = await call(async () => ({ status: 200 }), headers, traceParent);
    expect(response.headers.get('x-correlation-id')).toMatch(expected);
  });
});

describe('failures', () => {
  it('have client statuses that cannot be retried as they are, and server statuses', () => {
    for (const { status, retryable } of Object.values(failures)) {
      expect(status).toBeGreaterThanOrEqual(400);
      if (status < 500) expect(retryable).toBe(status === 429);
    }
  });
});
