import { globSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { LexicalEngine } from '../../../shared/audit/engines/lexical/lexicalEngine.ts';
import type { AuditInput } from '../../../shared/audit/sourceTree.ts';
import { auditInput, judgeOne } from '../../support/lexicalAudit.ts';
import { root } from '../../support/process.ts';

const signal = new AbortController().signal;

const shop = auditInput(
  {
    'src/orders.ts':
      '// Orders above 1000 dollars need a second approval\nexport const approvalLimit = 1000;\n',
    'src/users.ts':
      "import { scrypt } from 'node:crypto';\nexport function hashPassword(password: string) {\n  return scrypt(password);\n}\n",
  },
  `# Shop

- The shop must hash every password with \`scrypt\`.
- Orders above 1000 dollars need a second approval.
- The invoice exporter writes \`INVOICE_BUCKET\`.
`,
);

function sample(): AuditInput {
  const cwd = `${root}local/sample/bookings`;
  const files = globSync('src/*.ts', { cwd })
    .sort()
    .map((path) => ({ path, text: readFileSync(`${cwd}/${path}`, 'utf8') }));
  const text = readFileSync(`${cwd}/docs/hld.md`, 'utf8');
  return { ...shop, files, designs: [{ path: 'docs/hld.md', text }] };
}

describe('LexicalEngine', () => {
  it('judges the shop by its names and words', async () => {
    const { requirements, findings, usage, summary } = await new LexicalEngine().assess(shop, { signal });
    expect(requirements.map((r) => [r.verdict, r.design_line])).toEqual([
      ['implemented', 3],
      ['implemented', 4],
      ['missing', 5],
    ]);
    expect(requirements[0]?.evidence[0]).toMatchObject({ file: 'src/users.ts', line: 3, end_line: 3 });
    expect(requirements[2]).toMatchObject({ reason: 'Nothing reads `INVOICE_BUCKET`.', evidence: [] });
    expect([findings, usage, summary]).toEqual([
      [],
      null,
      '3 requirements found in the design: 2 implemented, 1 missing.',
    ]);
  });

  it('tells what the sample service lacks from what it has', async () => {
    const { requirements } = await new LexicalEngine().assess(sample(), { signal });
    const verdictOf = (words: string) => requirements.find((r) => r.requirement.includes(words))?.verdict;
    for (const built of [
      'POST /bookings',
      'PATCH /bookings',
      'GET /slots',
      'no slots on Sundays',
      'fourth attempt',
      '60 days ahead',
      'masked in every log line',
      'Log lines are JSON',
      'BookingRepository',
      'suburb',
    ]) {
      expect([built, verdictOf(built)]).toEqual([built, 'implemented']);
    }
    for (const absent of [
      'GET /metrics',
      'HOLIDAY_CALENDAR',
      'SMS_GATEWAY_URL',
      'x-api-key',
      'Retry-After',
      'audit trail',
      'exponential backoff',
    ]) {
      expect([absent, verdictOf(absent)]).toEqual([absent, 'missing']);
    }
    for (const open of ['percent of requests', 'rotated every 90 days', 'members of the team'])
      expect([open, verdictOf(open)]).toEqual([open, 'not_assessable']);
  });

  it('quotes only what stands in the source, at the line it says, and no import', async () => {
    const tree = sample();
    const { requirements } = await new LexicalEngine().assess(tree, { signal });
    const evidence = requirements.flatMap((r) => r.evidence);
    expect(evidence.length).toBeGreaterThan(30);
    for (const { file, line, quote } of evidence) {
      expect(tree.files.find((f) => f.path === file)?.text.split('\n')[line - 1]).toContain(quote);
      expect(quote).not.toMatch(/^import\b/);
    }
  });

  it('says the same whatever the order of the files', async () => {
    const tree = sample();
    const [a, b] = await Promise.all([
      new LexicalEngine().assess(tree, { signal }),
      new LexicalEngine().assess({ ...tree, files: tree.files.toReversed() }, { signal }),
    ]);
    expect(a).toEqual(b);
  });

  it('advises only where it is asked to, and only on gaps', async () => {
    const asked = await new LexicalEngine().assess(shop, { signal, options: { advice: true } });
    expect(asked.requirements.map(({ advice }) => advice)).toEqual([
      null,
      null,
      'Write it, or take it out of the design: The invoice exporter writes `INVOICE_BUCKET`.',
    ]);
  });

  it('tells how far it is', async () => {
    const stages: string[] = [];
    await new LexicalEngine().assess(shop, { signal, progress: ({ stage }) => stages.push(stage) });
    expect([...new Set(stages)]).toEqual(['reading', 'assessing', 'done']);
  });

  it('points to where the terms of a question stand', async () => {
    const ask = async (question: string) =>
      (await new LexicalEngine().assess({ ...shop, question }, { signal })).summary;
    expect(await ask('Where is the password hashed?')).toContain('src/users.ts:');
    expect(await ask('Quantum entanglement of llamas?')).toContain('do not stand together');
  });

  it('says so where the design states nothing, before anything is read', async () => {
    const empty = { ...shop, designs: [{ path: 'd', text: '# Hi' }] };
    await expect(new LexicalEngine().assess(empty, { signal })).rejects.toMatchObject({
      code: 'design-not-found',
    });
    await expect(new LexicalEngine().estimate(empty)).rejects.toMatchObject({ code: 'design-not-found' });
  });

  it.each([
    ['brackets', `- must have \`a1\`\n- must ${'['.repeat(200_000)}`],
    ['table rules', `- must close\n${'|'.repeat(200_000)}x`],
    ['headings', `- must close\n# ${'#'.repeat(200_000)}!\n# a${' '.repeat(200_000)}!`],
    ['code marks', `- must ${Array.from({ length: 3_000 }, (_, i) => `\`name${i}\``).join(' ')}`],
    ['numbers', `- must ${'1,000 '.repeat(40_000)}`],
    ['paths', `- must ${'/a'.repeat(100_000)}`],
    ['commas', `- It has ${'a, '.repeat(60_000)}`],
  ])('is not stalled by a design full of %s', async (_, text) => {
    const files = Array.from({ length: 300 }, (_, i) => ({
      path: `f${i}.ts`,
      text: 'const gate = open();\n'.repeat(200),
    }));
    expect(await longestTurn({ ...shop, files, designs: [{ path: 'd', text }] })).toBeLessThan(1_500);
  });

  it.each([
    ['spaces', ' '.repeat(300_000)],
    ['brackets', '('.repeat(300_000)],
    ['quotes', `'\\`.repeat(100_000)],
    ['slashes', '/'.repeat(300_000)],
    ['dots', 'a.'.repeat(150_000)],
    ['numbers', '9 * '.repeat(80_000)],
    ['short lines of names', 'a=1;\n'.repeat(60_000)],
    ['open templates', '`${'.repeat(60_000)],
  ])('is not stalled by a source full of %s', async (_, text) => {
    const input = auditInput(
      { 'src/a.ts': text, 'src/b.py': text },
      '- The gate must close after 5 seconds.\n- `GET /gate` opens it.',
    );
    expect(await longestTurn(input)).toBeLessThan(1_500);
  });

  it('stops when told to', async () => {
    const aborted = AbortSignal.abort(new Error('enough'));
    await expect(new LexicalEngine().assess(shop, { signal: aborted })).rejects.toThrow('enough');
  });
});

/** The longest time in which nothing else got its turn, in milliseconds. */
async function longestTurn(input: AuditInput): Promise<number> {
  let longest = 0;
  let before = performance.now();
  const note = () => {
    longest = Math.max(longest, performance.now() - before);
    before = performance.now();
  };
  const watch = setInterval(note, 1);
  await new LexicalEngine().assess(input, { signal });
  note();
  clearInterval(watch);
  return longest;
}

describe('verdicts', () => {
  it('is partial where some of the named things are absent, and names them', async () => {
    const judged = await judgeOne('The settings are `MAX_ITEMS` and `ORDER_LIMIT`.', {
      'src/settings.ts': 'export const max = process.env.MAX_ITEMS;\n',
    });
    expect(judged).toMatchObject({
      verdict: 'partial',
      verified: true,
      reason: '`MAX_ITEMS` is read in src/settings.ts; nothing reads `ORDER_LIMIT`.',
    });
  });

  it('does not take a comment or a test for the thing itself', async () => {
    const requirement = 'Uploads are scanned by `scanUpload`.';
    const comment = await judgeOne(requirement, {
      'src/a.ts': '// see scanUpload, once it is there\nstore(file);\n',
    });
    expect([comment.verdict, comment.verified]).toEqual(['partial', false]);
    const test = await judgeOne(requirement, {
      'src/a.ts': 'store(file);\n',
      'test/a.test.ts': "it('scans', () => expect(scanUpload(file)).toBe(true));\n",
    });
    expect([test.verdict, test.verified]).toEqual(['partial', false]);
  });

  it('finds what the design writes as two words and the code as one', async () => {
    const { verdict } = await judgeOne('Visits are told in the time zone of the office.', {
      'src/visits.ts': 'export const visit = { office, timezone };\n',
    });
    expect(verdict).toBe('implemented');
  });

  it('is not sure of a gap where a name is nearly there', async () => {
    const { verdict, verified, reason } = await judgeOne('Mails go out by `sendMessages`.', {
      'src/a.ts': 'export function sendMesages(to: string) {}\n',
    });
    expect([verdict, verified]).toEqual(['missing', false]);
    expect(reason).toContain('the nearest name is `sendMesages`');
  });

  it('does not take a note of what is to be done for done', async () => {
    const { verdict } = await judgeOne('Uploads are scanned for viruses.', {
      'src/a.ts': '// TODO scan uploads for viruses\nexport function store(file: File) {}\n',
    });
    expect(verdict).toBe('missing');
  });

  it('is contradicted by a number under the name, in whatever unit, and quotes it', async () => {
    const requirement = 'Sessions expire after 30 minutes.';
    const source = (value: string) => ({ 'src/session.ts': `export const SESSION_TTL_MS = ${value};\n` });
    const verdictOf = async (value: string) => (await judgeOne(requirement, source(value))).verdict;
    expect(await verdictOf('30 * 60 * 1000')).toBe('implemented');
    expect(await verdictOf('1_800_000')).toBe('implemented');
    const other = await judgeOne(requirement, source('3_600_000'));
    expect(other.verdict).toBe('contradicted');
    expect(other.evidence[0]).toMatchObject({ line: 1, quote: 'export const SESSION_TTL_MS = 3_600_000;' });
  });

  it('is contradicted by another default', async () => {
    const requirement = '`LOG_LEVEL` defaults to `info`.';
    const source = (level: string) => ({ 'a.py': `level = os.environ.get("LOG_LEVEL", "${level}")\n` });
    expect((await judgeOne(requirement, source('info'))).verdict).toBe('implemented');
    expect((await judgeOne(requirement, source('debug'))).verdict).toBe('contradicted');
  });

  it('is contradicted by the use of what is forbidden', async () => {
    const requirement = 'The code must not use `eval`.';
    expect((await judgeOne(requirement, { 'a.js': 'eval(text);\n' })).verdict).toBe('contradicted');
    expect((await judgeOne(requirement, { 'a.js': '// no eval here\nrun(text);\n' })).verdict).toBe(
      'implemented',
    );
  });

  it('is contradicted by a secret in the log, not by one that is masked', async () => {
    const requirement = 'Passwords must never be logged.';
    const log = (given: string) => ({
      'a.ts': `export function login(password: string) {\n  logger.info('login', ${given});\n}\n`,
    });
    expect((await judgeOne(requirement, log('password'))).verdict).toBe('contradicted');
    expect((await judgeOne(requirement, log('mask(password)'))).verdict).toBe('implemented');
  });

  it.each([
    'Ninety-nine percent of requests are answered within 200 milliseconds.',
    'The service is available 99.9 percent of the month.',
    'Engineers review every change before it is merged.',
    'The service is easy to use and robust.',
    'Backups are kept in another region.',
  ])('leaves open what source cannot show: %s', async (requirement) => {
    const { verdict } = await judgeOne(requirement, { 'src/a.ts': 'export const service = start();\n' });
    expect(verdict).toBe('not_assessable');
  });
});
