import { describe, expect, it } from 'vitest';
import { GivenOptions } from '../../../shared/audit/intake/givenOptions.ts';
import { readAuditRequest } from '../../../shared/audit/intake/readAuditRequest.ts';
import { readFiles } from '../../../shared/audit/intake/readFiles.ts';
import { wantsEstimate } from '../../../shared/audit/report/answerForm.ts';
import { auditSettings } from '../../support/audit.ts';
import { request } from '../../support/http.ts';

const limits = {
  maxBody: { bytes: 2 ** 20, setting: 'GATEHOUSE_MAX_BODY_MB' },
  maxJson: { bytes: 100_000, setting: 'GATEHOUSE_MAX_JSON_MB' },
};
const design = '- It must work.\n';
const files = {
  'a.ts': 'a',
  'b.ts': 'b',
  'docs/hld.md': design,
  'docs/more.md': '- It may play.\n',
  'base.json': '{"x":1}',
};

async function read(body: Record<string, unknown>, query: Record<string, string> = {}) {
  using held = await readAuditRequest(
    request({
      body: JSON.stringify({ files, ...body }),
      headers: { 'content-type': 'application/json' },
      query,
    }),
    auditSettings(),
    limits,
  );
  return { input: held.input, options: held.options };
}

describe('options', () => {
  it('are the same from the query and from JSON', async () => {
    const given = {
      project: 'shop',
      advice: 'true',
      failOn: 'high',
      maxTokens: '200000',
      maxCost: '1.25',
      question: 'why?',
      include: '*.ts',
      baseline: 'base.json',
    };
    const [query, body] = [
      await read({ hld: design }, given),
      await read({
        hld: design,
        ...given,
        advice: true,
        maxTokens: 200_000,
        maxCost: 1.25,
        include: ['*.ts'],
      }),
    ];
    expect(query).toEqual(body);
    expect(query.options).toEqual({
      project: 'shop',
      advice: true,
      failOn: 'high',
      baseline: '{"x":1}',
      maxTokens: 200_000,
      maxCostMicroUsd: 1_250_000,
    });
  });

  it('have defaults', async () => {
    expect((await read({ hld: design, failOn: null, project: ' ' })).options).toEqual({
      project: undefined,
      advice: false,
      failOn: undefined,
      baseline: undefined,
      maxTokens: undefined,
      maxCostMicroUsd: undefined,
    });
  });

  it('may be given twice if they agree', async () => {
    expect((await read({ hld: design, failOn: 'high' }, { failOn: 'high' })).options.failOn).toBe('high');
    expect((await read({ hld: 'docs/hld.md' }, { hld: 'docs/hld.md' })).input.designs).toHaveLength(1);
  });

  it('may not be repeated in another order', () => {
    const given = new GivenOptions(new URLSearchParams('hld=a&hld=b'));
    given.give('hld', 'b', []);
    given.give('hld', 'a', []);
    expect(() => given.all('hld')).toThrow('"hld" differs');
  });

  it.each([
    ['0.000001', 1],
    ['0', 0],
    ['12', 12_000_000],
    ['0.1', 100_000],
    ['123456789.999999', 123_456_789_999_999],
  ])('take %s dollars as %d micro-dollars', async (maxCost, micro) => {
    expect((await read({ hld: design }, { maxCost })).options.maxCostMicroUsd).toBe(micro);
  });

  it('know those that others read', async () => {
    const elsewhere = { code: 'k', format: 'sarif', reports: 'a,b', estimate: 'true', clientId: 'c' };
    await expect(read({ hld: design }, elsewhere)).resolves.toBeDefined();
  });

  it.each(['format', 'reports', 'estimate'])(
    'do not take %s in a body, where nobody reads it',
    async (name) => {
      await expect(read({ hld: design, [name]: 'true' }, {})).rejects.toThrow(
        `"${name}" belongs into the query`,
      );
    },
  );

  it.each([
    ['', false],
    ['estimate=true', true],
    ['estimate=True', true],
    ['estimate=false', false],
    ['estimate=1', undefined],
    ['estimate=', undefined],
    ['estimate=false&estimate=true', undefined],
  ])('pay for nothing where an estimate may be meant: ?%s', (query, expected) => {
    const wanted = () => wantsEstimate(new URLSearchParams(query));
    if (expected === undefined) expect(wanted).toThrow(/"estimate" must be/);
    else expect(wanted()).toBe(expected);
  });

  it.each<[Record<string, unknown>, Record<string, string>, RegExp]>([
    [{}, { failon: 'high' }, /"failon" is no option.*Did you mean "failOn".*failOn.*maxTokens/],
    [{ 'fail-on': 'high' }, {}, /Did you mean "failOn"/],
    [{ max_tokens: 3 }, {}, /Did you mean "maxTokens"/],
    [{ settings: { a: 1 } }, {}, /"settings" is no option.*Known are files, hld/],
    [{ failOn: { high: 1 } }, {}, /not an audit request/],
    [{ failOn: 'high' }, { failOn: 'low' }, /"failOn" differs/],
    [{ failOn: ['high', 'low'] }, {}, /"failOn" is given more than once/],
    [{ baseline: {} }, { baseline: 'base.json' }, /"baseline" differs/],
    [{ baseline: 'none.json' }, {}, /no "none.json".*Name the baseline/],
    [{ advice: 'yes' }, {}, /"advice" must be true or false/],
    [{ 'x\u0007y': 1 }, {}, /^"x\?y" is no option/],
    [{ ['x'.repeat(500)]: 1 }, {}, /^"x{60}" is no option/],
    [{ include: ['a', 'b'] }, { include: 'a' }, /"include" differs/],
    [{}, { maxTokens: '' }, /"maxTokens" must be a whole number/],
    [{ maxTokens: '1e5' }, {}, /"maxTokens" must be a whole number/],
    [{ maxTokens: -1 }, {}, /"maxTokens" must be a whole number/],
    [{ maxCost: '1,50' }, {}, /"maxCost" must be US dollars/],
    [{ maxCost: 1e-7 }, {}, /"maxCost" must be US dollars/],
    [{ project: 'x'.repeat(201) }, {}, /"project" is longer/],
    [{ project: 'a\nb' }, {}, /control characters/],
    [{ project: 'a\u2028b' }, {}, /control characters/],
    [{ question: 'x'.repeat(4_001) }, {}, /4000 characters/],
    [{ include: [''] }, {}, /"include" is empty/],
    [{ exclude: ['!a'] }, {}, /begins with/],
    [{ include: ['x'.repeat(301)] }, {}, /longer than 300/],
    [{ include: Array.from({ length: 101 }, String) }, {}, /more than 100/],
    [{ include: ['{a,b}'.repeat(7)] }, {}, /more than 64 alternatives/],
    [{ include: ['a/['] }, {}, /can match nothing/],
  ])('%j with the query %j are refused', async (body, query, message) => {
    await expect(read({ hld: design, ...body }, query)).rejects.toMatchObject({
      code: 'invalid-request',
      message: expect.stringMatching(message),
    });
  });
});

describe('the design in JSON', () => {
  it.each<[string, unknown, unknown]>([
    ['a text', design, [{ path: 'design', text: design }]],
    ['a path', './docs/hld.md', [{ path: 'docs/hld.md', text: design }]],
    [
      'paths',
      ['docs/more.md', 'docs/hld.md'],
      [
        { path: 'docs/more.md', text: '- It may play.\n' },
        { path: 'docs/hld.md', text: design },
      ],
    ],
    [
      'a map of texts',
      { 'x/one.md': design, 'two.md': '- B.\r\n' },
      [
        { path: 'x/one.md', text: design },
        { path: 'two.md', text: '- B.\n' },
      ],
    ],
  ])('is %s', async (_, hld, designs) => {
    expect((await read({ hld })).input.designs).toEqual(designs);
  });

  it('is named by the query as well', async () => {
    expect((await read({}, { hld: 'docs/more.md' })).input.designs[0]?.path).toBe('docs/more.md');
    await expect(read({ hld: { 'a.md': design } }, { hld: 'docs/more.md' })).rejects.toMatchObject({
      message: expect.stringContaining('"hld" differs'),
    });
  });

  it.each([
    ['a path that is not there', ['docs/none.md'], 'design-not-found'],
    ['one path twice', ['docs/hld.md', 'docs/hld.md'], 'invalid-request'],
    ['an empty text', { 'a.md': ' ' }, 'design-not-found'],
    ['an unsafe path', ['../hld.md'], 'unsafe-archive'],
    ['an empty list', [], 'invalid-request'],
  ])('with %s is refused', async (_, hld, code) => {
    await expect(read({ hld })).rejects.toMatchObject({ code });
  });
});

describe('files at hand', () => {
  it('are read as an upload is', async () => {
    using held = await readFiles({ files, design: 'docs/hld.md', question: ' why? ' }, auditSettings());
    expect(held.input).toMatchObject({
      files: [{ path: 'a.ts' }, { path: 'b.ts' }, { path: 'base.json' }],
      designs: [{ path: 'docs/hld.md' }],
      question: 'why?',
      secrets: [],
    });
  });

  it('lose their secrets, the design and the question too', async () => {
    const key = `AccountKey=${'Ab3+'.repeat(21)}Zz==`;
    using held = await readFiles(
      { files: { 'a.ts': `k = "${key}"` }, design: `- Use ${key}\n`, question: `Is ${key} right?` },
      auditSettings(),
    );
    expect(JSON.stringify(held)).not.toContain('Ab3+');
    expect(held.input.secrets).toMatchObject([
      { rule: 'azure-account-key', file: 'a.ts', line: 1 },
      { rule: 'azure-account-key', file: 'design', line: 1 },
      { rule: 'azure-account-key', file: 'question', line: 1 },
    ]);
  });
});
