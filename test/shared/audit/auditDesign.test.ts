import { describe, expect, it } from 'vitest';
import { AnswerCache } from '../../../shared/audit/answerCache.ts';
import { Auditor } from '../../../shared/audit/auditor.ts';
import { LexicalEngine } from '../../../shared/audit/engines/lexical/lexicalEngine.ts';
import type { AuditResult } from '../../../shared/audit/report/auditResult.ts';
import { auditShelf } from '../../../shared/audit/tools/auditShelf.ts';
import { toSentences } from '../../../shared/audit/tools/sentences.ts';
import { verdicts } from '../../../shared/audit/verdict.ts';
import { AppError } from '../../../shared/errors.ts';
import type { PolicyInput } from '../../../shared/limits/policy.ts';
import { readSettings } from '../../../shared/settings.ts';
import { createMemoryStores } from '../../../shared/storage/memory/memoryStores.ts';
import { auditSettings, createModelAccess, design, input } from '../../support/audit.ts';
import { memoryLog } from '../../support/http.ts';

const now = new Date('2026-11-21T00:49:00Z');
const files = Object.fromEntries(input.files.map(({ path, text }) => [path, text]));

function shelf(policies: readonly PolicyInput[] = [], auditor?: Pick<Auditor, 'audit'>) {
  const { limiter, calls: savings } = createModelAccess(policies);
  const asked: { caller: string; path: string; paths: string[] }[] = [];
  const real = new Auditor({
    settings: auditSettings(),
    engine: new LexicalEngine(),
    cache: new AnswerCache(createMemoryStores().blobs),
    savings,
    now: () => now,
  });
  const noting: Pick<Auditor, 'audit'> = {
    audit(given, scope) {
      asked.push({
        caller: scope.caller,
        path: given.design.path,
        paths: given.files.map(({ path }) => path),
      });
      return (auditor ?? real).audit(given, scope);
    },
  };
  const { registry, say, timeoutMs } = auditShelf(readSettings({}).audit, {
    auditor: async () => noting,
    limiter,
  });
  const { log, lines } = memoryLog();
  const context = {
    tenantId: 'unassigned',
    caller: 'mcp-k',
    conversationId: undefined,
    idempotencyKey: 'i',
    askedAt: now,
    now,
    log,
  };
  const run = (args: unknown) => registry.run('audit_design', args, context, 10_000);
  return { registry, say, timeoutMs, run, asked, lines };
}

describe('audit_design', () => {
  it('gives the result of an audit, under the name of whoever asks', async () => {
    const { run, asked } = shelf();
    const outcome = await run({ design, files: { ...files, 'logo.png': 'no source' } });
    if (!outcome.ok) throw new Error(outcome.error);
    const { requirements } = outcome.result as AuditResult;
    expect(requirements.map(({ verdict }) => verdict)).toContain('implemented');
    expect(asked).toEqual([{ caller: 'mcp-k', path: 'design', paths: ['src/orders.ts', 'src/users.ts'] }]);
  });

  it('takes the path of a design among the files for the design', async () => {
    const { run, asked } = shelf();
    expect(await run({ design: 'docs/hld.md', files: { ...files, 'docs/hld.md': design } })).toMatchObject({
      ok: true,
      result: { design: 'docs/hld.md' },
    });
    expect(asked[0]?.path).toBe('docs/hld.md');
  });

  it.each([
    ['no source', { design, files: { 'a.txt': 'x' } }, 'no file ending in'],
    ['an unsafe path', { design, files: { '../a.ts': 'x' } }, 'a.ts'],
    ['an empty design', { design: '  ', files }, 'is empty'],
    ['no files', { design }, 'files: '],
    [
      'too many files',
      { design, files: Object.fromEntries(Array.from({ length: 2_001 }, (_, i) => [`${i}.ts`, 'x'])) },
      'at most 2000 files',
    ],
  ])('says what is wrong with %s, and asks nobody', async (_, args, said) => {
    const { run, asked } = shelf();
    expect(await run(args)).toEqual({ ok: false, error: expect.stringContaining(said) });
    expect(asked).toEqual([]);
  });

  it('is limited as an audit is, by caller', async () => {
    const policy: PolicyInput = {
      name: 'audit-caller',
      operations: ['audit'],
      scope: 'caller',
      limits: [{ quota: 1, window: '1d' }],
    };
    const { run, asked } = shelf([policy]);
    expect(await run({ design, files })).toMatchObject({ ok: true });
    expect(await run({ design, files })).toEqual({
      ok: false,
      error: expect.stringContaining('"audit-caller" is reached'),
    });
    expect(asked).toHaveLength(1);
  });

  it('tells a refusal in its own words, and of a fault nothing', async () => {
    const failing = (error: Error) => shelf([], { audit: () => Promise.reject(error) });
    const spent = failing(new AppError('budget-spent', 'The budget does not cover it.'));
    expect(await spent.run({ design, files })).toEqual({ ok: false, error: 'The budget does not cover it.' });
    const broken = failing(new Error('secret text'));
    expect(JSON.stringify(await broken.run({ design, files }))).not.toContain('secret text');
  });

  it('is not there while the settings of the audit are wrong', () => {
    const { audit } = readSettings({ GATEHOUSE_AUDIT_TIMEOUT_S: 'soon' });
    const { limiter } = createModelAccess();
    const { registry } = auditShelf(audit, { auditor: () => Promise.reject(new Error('asked')), limiter });
    expect(registry.current().tools).toEqual([]);
    expect(shelf().registry.current().tools).toMatchObject([{ name: 'audit_design', sideEffect: false }]);
    expect(shelf().timeoutMs).toBeGreaterThan(auditSettings().timeoutMs);
  });
});

describe('an audit in sentences', () => {
  const evidence = Array.from({ length: 5 }, (_, i) => ({
    file: 'a.ts',
    line: i + 1,
    quote: `q${i}\n  more`,
  }));
  const result = {
    summary: 'Two\nlines.',
    counts: { implemented: 1, partial: 0, missing: 1, contradicted: 1, not_assessable: 0 },
    engine: { name: 'lexical', model: null, note: 'Words only.' },
    requirements: [
      {
        id: 'R1',
        requirement: 'Hash\npasswords',
        design_line: 3,
        verdict: 'implemented',
        reason: 'There.',
        evidence,
      },
      {
        id: 'R2',
        requirement: 'x'.repeat(500),
        design_line: null,
        verdict: 'missing',
        reason: 'No.',
        evidence: [],
      },
      {
        id: 'R3',
        requirement: 'Two approvals',
        design_line: 4,
        verdict: 'contradicted',
        reason: 'One.',
        evidence: [],
      },
    ],
    skipped_files: [{ path: 'b.ts', reason: 'not UTF-8' }],
  } as unknown as AuditResult;

  it('has one line for each requirement, what is wrong first', () => {
    expect(toSentences(result).split('\n')).toEqual([
      'The audit says: contradicted (1 contradicted, 1 missing, 1 implemented). Two lines.',
      'Engine: lexical. Words only.',
      'R3 contradicted: Two approvals (One., line 4 of the design)',
      `R2 missing: ${'x'.repeat(199)}… (No.)`,
      'R1 implemented: Hash passwords (There., line 3 of the design) [a.ts:1 q0 more; a.ts:2 q1 more; a.ts:3 q2 more]',
      'Not read: b.ts, not UTF-8.',
    ]);
  });

  it('leaves no verdict out', () => {
    const [one] = result.requirements;
    const all = verdicts.map((verdict, i) => ({ ...one, id: `V${i}`, verdict }));
    const said = toSentences({ ...result, requirements: all } as unknown as AuditResult);
    for (const [i, verdict] of verdicts.entries()) expect(said).toContain(`\nV${i} ${verdict}: `);
  });
});
