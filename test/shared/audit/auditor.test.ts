import { describe, expect, it, vi } from 'vitest';
import { AnswerCache } from '../../../shared/audit/answerCache.ts';
import { Auditor } from '../../../shared/audit/auditor.ts';
import { cacheKey } from '../../../shared/audit/cacheKey.ts';
import type { AuditEngine } from '../../../shared/audit/engines/engine.ts';
import { LexicalEngine } from '../../../shared/audit/engines/lexical/lexicalEngine.ts';
import type { AuditInput } from '../../../shared/audit/sourceTree.ts';
import { createMemoryStores } from '../../../shared/storage/memory/memoryStores.ts';
import { auditSettings, createModelAccess, input } from '../../support/audit.ts';
import { memoryLog } from '../../support/http.ts';

const usage = {
  input_tokens: 900,
  output_tokens: 100,
  cached_input_tokens: 128,
  written_input_tokens: 0,
  total_tokens: 1000,
};

function model(fingerprint = 'model/1'): AuditEngine & { assess: ReturnType<typeof vi.fn> } {
  const answer = {
    summary: 'ok',
    requirements: [
      { id: 'R1', requirement: 'r', design_line: 1, verdict: 'missing' as const, reason: 'x', evidence: [] },
    ],
    usage,
  };
  return { name: 'azure-openai', model: 'd', fingerprint, note: 'n', assess: vi.fn(async () => answer) };
}

function auditorWith(engine: AuditEngine, stores = createMemoryStores(), env: Record<string, string> = {}) {
  const { log, lines } = memoryLog();
  const auditor = new Auditor({
    settings: auditSettings(env),
    engine,
    cache: new AnswerCache(stores.blobs),
    savings: createModelAccess([], { stores }).calls,
    now: () => new Date('2026-11-21T00:00:00Z'),
  });
  return {
    stores,
    lines,
    log,
    audit: (given: AuditInput = input) => auditor.audit(given, { caller: 'key-1', log }),
  };
}

describe('Auditor', () => {
  it('asks once for those who ask the same at the same time', async () => {
    const engine = model();
    const { audit } = auditorWith(engine);
    const reports = (await Promise.all([audit(), audit(), audit()])).map((result) => result.token_report);
    expect(engine.assess).toHaveBeenCalledTimes(1);
    expect(reports.map((report) => report.total_tokens_billed).sort()).toEqual([0, 0, 1000]);
  });

  it('asks the engine once, then answers from the cache and bills nothing', async () => {
    const engine = model();
    const { audit, lines } = auditorWith(engine);
    const first = await audit();
    const second = await audit();
    expect(engine.assess).toHaveBeenCalledTimes(1);
    expect(first.token_report).toMatchObject({
      local_cache_hit: false,
      total_tokens_billed: 1000,
      actual_input_tokens_used: 900,
      actual_output_tokens_used: 100,
      azure_cached_tokens: 128,
      gross_tokens: 1000,
      model_called: true,
    });
    expect(second.token_report).toEqual({
      ...first.token_report,
      local_cache_hit: true,
      total_tokens_billed: 0,
    });
    expect(second.requirements).toEqual(first.requirements);
    expect(second.audit_id).toBe(first.audit_id);
    expect(lines.map((l) => [l.event, l.fields.cacheHit])).toEqual([
      ['audit', false],
      ['audit', true],
    ]);
  });

  it('compares both forms in one encoding and names it', async () => {
    const { token_report } = await auditorWith(model(), undefined, {
      GATEHOUSE_TOKEN_ENCODINGS: 'gpt-4o=cl100k_base',
    }).audit();
    expect(token_report.encoding).toBe('cl100k_base');
    expect(token_report.tokens_saved).toBe(
      token_report.json_input_tokens - token_report.toon_input_tokens_calculated,
    );
    expect(token_report.reduction_rate).toBeCloseTo(
      (100 * token_report.tokens_saved) / token_report.json_input_tokens,
      2,
    );
    expect(token_report.file_count).toBe(2);
  });

  it('asks again when anything that shapes the answer differs', async () => {
    const stores = createMemoryStores();
    const engine = model();
    const { audit } = auditorWith(engine, stores);
    await audit();
    await audit({ ...input, question: 'why?' });
    await audit({ ...input, design: { ...input.design, text: `${input.design.text} ` } });
    await audit({ ...input, files: input.files.slice(1) });
    expect(engine.assess).toHaveBeenCalledTimes(4);
    const other = model('model/2');
    await auditorWith(other, stores).audit();
    expect(other.assess).toHaveBeenCalledTimes(1);
  });

  it('goes on without its cache, and says so in the log', async () => {
    const stores = createMemoryStores();
    stores.blobs.get = stores.blobs.put = async () => {
      throw new Error('down');
    };
    const { audit, lines } = auditorWith(model(), stores);
    expect((await audit()).summary).toBe('ok');
    expect(lines.map((l) => l.event)).toEqual(['audit-cache-unreadable', 'audit-cache-unwritable', 'audit']);
  });

  it('takes a broken cache entry for none', async () => {
    const { stores, audit, lines } = auditorWith(model());
    const { audit_id } = await audit();
    await stores.blobs.put('audit-cache', `${audit_id}.json`, Buffer.from('{"answer":{}}'));
    expect((await audit()).token_report.local_cache_hit).toBe(false);
    expect(lines.map((l) => l.event)).toContain('audit-cache-unreadable');
  });

  it('caches no failure', async () => {
    const engine = model();
    engine.assess.mockRejectedValueOnce(new Error('boom'));
    const { stores, audit } = auditorWith(engine);
    await expect(audit()).rejects.toThrow('boom');
    expect(stores.blobs.names('audit-cache')).toEqual([]);
    expect((await audit()).summary).toBe('ok');
  });

  it('turns a deadline passed by any engine into a timeout', async () => {
    const slow: AuditEngine = {
      ...model(),
      assess: (_, { signal }) =>
        new Promise((_, reject) => signal.addEventListener('abort', () => reject(signal.reason as Error))),
    };
    await expect(
      auditorWith(slow, undefined, { GATEHOUSE_AUDIT_TIMEOUT_S: '1' }).audit(),
    ).rejects.toMatchObject({ code: 'engine-timeout' });
  });

  it('reports the lexical engine as what it is', async () => {
    const result = await auditorWith(new LexicalEngine()).audit();
    expect(result.engine).toMatchObject({
      name: 'lexical',
      model: null,
      note: expect.stringContaining('No model was called'),
    });
    expect(result.token_report).toMatchObject({
      model_called: false,
      total_tokens_billed: 0,
      actual_input_tokens_used: 0,
    });
    expect(result.counts).toEqual({
      implemented: 2,
      partial: 0,
      missing: 1,
      contradicted: 0,
      not_assessable: 0,
    });
  });
});

describe('cacheKey', () => {
  const key = (change: Partial<AuditInput>) =>
    cacheKey({ ...input, ...change }, { fingerprint: 'f' }, 'o200k_base');

  it('cannot be forged by moving text from one field to another', () => {
    const file = (path: string, text: string) => ({ path, text });
    const keys = [
      key({ files: [file('a', 'b'), file('c', 'd')] }),
      key({ files: [file('a', 'bc'), file('', 'd')] }),
      key({ files: [file('a', 'b\nFILE:c\nd')] }),
      key({ design: file('d', 'x'), question: 'y' }),
      key({ design: file('d', 'xy') }),
      key({ question: '' }),
      key({}),
    ];
    expect(new Set(keys).size).toBe(keys.length);
  });

  it('is the same for the same content, and differs by encoding', () => {
    expect(key({})).toBe(key({ skipped: [{ path: 'x', reason: 'y' }] }));
    expect(key({})).toMatch(/^[\da-f]{64}$/);
    expect(cacheKey(input, { fingerprint: 'f' }, 'cl100k_base')).not.toBe(key({}));
  });
});
