import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { JobView } from '../../shared/audit/jobs/jobView.ts';
import type { AuditResult } from '../../shared/audit/report/auditResult.ts';
import { type App, eventually, startApp } from '../support/app.ts';
import { tree } from '../support/archive.ts';
import { root } from '../support/process.ts';

const sample = (path: string) => readFileSync(`${root}local/sample/bookings/${path}`, 'utf8');
const files = { 'docs/hld.md': sample('docs/hld.md'), 'src/server.ts': sample('src/server.ts') };

type Told = JobView & { result?: AuditResult; reports?: Record<string, string> };

describe('an audit as a job', () => {
  let app: App;
  beforeAll(async () => {
    app = await startApp();
  });
  afterAll(() => app?.stop());

  const ask = async (headers: Record<string, string>, extra = '') =>
    app.post('/api/audit?hld=docs/hld.md', await tree({ ...files, 'src/extra.ts': extra }), {
      'content-type': 'application/gzip',
      ...headers,
    });
  const get = (location: string) => fetch(`${app.base}${location}`);
  const ended = (location: string) =>
    eventually(async () => {
      const told = (await (await get(location)).json()) as Told;
      return ['queued', 'running'].includes(told.state) ? undefined : told;
    }, 'the end of the job');
  const accepted = async (extra: string) => {
    const response = await ask({ prefer: 'respond-async' }, extra);
    return { response, location: response.headers.get('location') ?? '' };
  };

  it('is accepted where that is preferred, done by the queue, and read and deleted where it was said', async () => {
    const { response, location } = await accepted('export const one = 1;\n');
    expect(response.status).toBe(202);
    expect(response.headers.get('preference-applied')).toBe('respond-async');
    expect(location).toMatch(/^\/api\/audit\/aud_[\w-]{24}$/);
    expect(Number(response.headers.get('retry-after'))).toBeGreaterThan(0);
    const told = (await response.json()) as Told;
    expect(told).toMatchObject({ state: 'queued', progress: null, expires_at: null });
    const done = await ended(location);
    expect(done).toMatchObject({ id: told.id, state: 'done', expires_at: expect.any(String) });
    expect(done.result?.engine.name).toBe('lexical');
    const { reports } = (await (await get(`${location}?reports=markdown,json`)).json()) as Told;
    expect(Object.keys(reports ?? {})).toEqual(['markdown', 'json']);
    const report = await get(`${location}?format=markdown`);
    expect(report.headers.get('content-type')).toBe('text/markdown; charset=utf-8');
    expect(await report.text()).toBe(reports?.markdown);
    const blobs = await Array.fromAsync(app.stores.blobs.list('audit-jobs', told.id));
    expect(blobs).toEqual([`${told.id}/result.json`]);
    for (let i = 0; i < 2; i++)
      expect((await fetch(`${app.base}${location}`, { method: 'DELETE' })).status).toBe(204);
    expect((await get(location)).status).toBe(404);
  });

  it('is answered at once where it is cached, whatever is preferred', async () => {
    const extra = 'export const two = 2;\n';
    const { location } = await accepted(extra);
    const { result } = await ended(location);
    const again = await ask({ prefer: 'respond-async' }, extra);
    expect(again.status).toBe(200);
    const cached = (await again.json()) as AuditResult;
    expect(cached.token_report.local_cache_hit).toBe(true);
    expect(cached.requirements).toEqual(result?.requirements);
  });

  it('is one run with those that are the same', async () => {
    const extra = 'export const three = 3;\n';
    const locations = await Promise.all(
      Array.from({ length: 4 }, async () => (await accepted(extra)).location),
    );
    const jobs = await Promise.all(locations.map(ended));
    expect(new Set(jobs.map(({ id }) => id)).size).toBe(4);
    expect(jobs.map(({ state }) => state)).toEqual(['done', 'done', 'done', 'done']);
    const hits = jobs.map(({ result }) => result?.token_report.local_cache_hit);
    expect(hits.toSorted()).toEqual([false, true, true, true]);
  });

  it('that is not there is 404, and in a form that is not there 400', async () => {
    expect((await get(`/api/audit/aud_${'x'.repeat(24)}`)).status).toBe(404);
    expect((await get('/api/audit/..%2Ftenants')).status).toBe(404);
    const { location } = await accepted('export const four = 4;\n');
    expect((await get(`${location}?format=pdf`)).status).toBe(400);
    await ended(location);
  });
});
