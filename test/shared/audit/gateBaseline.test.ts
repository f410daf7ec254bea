import { Ajv2020 } from 'ajv/dist/2020.js';
import addFormats from 'ajv-formats';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { requirementFingerprint } from '../../../shared/audit/fingerprint.ts';
import { baselineJsonSchema, readBaseline } from '../../../shared/audit/gate/baseline.ts';
import { compareGaps, compareWithBaseline, knownGaps } from '../../../shared/audit/gate/compare.ts';
import { asGap } from '../../../shared/audit/gate/gapVerdict.ts';
import { jsonFault } from '../../../shared/audit/gate/jsonFault.ts';
import type { KnownGap } from '../../../shared/audit/gate/outcome.ts';
import { toBaseline } from '../../../shared/audit/gate/toBaseline.ts';
import { type Verdict, verdicts } from '../../../shared/audit/verdict.ts';
import { auditDate, finding, judged, resultOf, sampleResult } from '../../support/auditResults.ts';

const entry = {
  fingerprint: '0123456789abcdef',
  verdict: 'missing',
  requirement: 'It must be so.',
  reason: 'Later.',
};
const file = (...accepted: object[]) => JSON.stringify({ version: 1, accepted });

const ajv = addFormats.default(new Ajv2020({ strict: false }));
const isValid = ajv.compile(baselineJsonSchema());

describe('readBaseline', () => {
  it('reads gaps and findings, with and without an end', () => {
    const secret = {
      kind: 'secret',
      fingerprint: 'fedcba9876543210',
      reason: 'A test key.',
      expires: '2028-02-29',
    };
    const text = `\uFEFF${file(entry, secret)}`;
    expect(readBaseline(text).accepted).toEqual([entry, secret]);
    expect(isValid(JSON.parse(text.slice(1)))).toBe(true);
  });

  it.each([
    ['no JSON', '{"version":1,\n "accepted":[,]}', 'line 2, column 14'],
    ['a file cut off', '{"version":1,', 'line 1, column 14'],
    ['another version', '{"version":2,"accepted":[]}', 'version: '],
    ['no list', '{"version":1}', 'accepted: '],
    ['a list', '[]', 'the file: '],
    ['a missing reason', file({ ...entry, reason: undefined }), 'accepted[0].reason: '],
    ['a blank reason', file({ ...entry, reason: ' ' }), 'accepted[0].reason: must say why'],
    ['a verdict that is no gap', file({ ...entry, verdict: 'implemented' }), 'accepted[0].verdict: '],
    [
      'a date that never was',
      file({ ...entry, expires: '2026-02-30' }),
      'accepted[0].expires: must be a date',
    ],
    ['a date with a time', file({ ...entry, expires: '2026-02-03T00:00:00Z' }), 'accepted[0].expires: '],
    ['a fingerprint of another kind', file({ ...entry, fingerprint: 'R1' }), 'accepted[0].fingerprint: '],
    ['an unknown kind', file({ ...entry, kind: 'smell' }), 'accepted[0].kind: '],
    ['a name it does not know', file({ ...entry, expire: '2026-01-01' }), 'expire'],
    [
      'the same twice',
      file(entry, { ...entry, reason: 'Again.' }),
      'accepted[1].fingerprint is that of accepted[0]',
    ],
  ])('refuses %s and says where', (_, text, where) => {
    expect(() => readBaseline(text)).toThrow(
      expect.objectContaining({ code: 'invalid-request', message: expect.stringContaining(where) }),
    );
  });

  it('publishes a schema that refuses what it refuses itself', () => {
    const refused = [
      { ...entry, reason: '' },
      { ...entry, kind: 'smell' },
      { ...entry, expires: '2026-02-30' },
    ];
    for (const one of [...refused, { ...entry, verdict: 'implemented' }, { ...entry, expire: '2026-01-01' }])
      expect(isValid({ version: 1, accepted: [one] })).toBe(false);
    expect(isValid({ version: 1, accepted: [entry, { ...entry, kind: 'requirement' }] })).toBe(true);
  });

  it('does not quote the file when it refuses it', () => {
    expect(() => readBaseline('{"version": sekrit}')).toThrow(
      expect.objectContaining({ message: expect.not.stringContaining('sekrit') }),
    );
  });
});

describe('jsonFault', () => {
  const places = fc.tuple(
    fc.json(),
    fc.nat(),
    fc.constantFrom('', ',', ']', '}', '"', ':', 'x', '1', '\u0001', '\\'),
  );

  it('finds a fault where JSON.parse does, and nowhere else', () => {
    fc.assert(
      fc.property(places, ([json, at, extra]) => {
        const i = at % (json.length + 1);
        const text = json.slice(0, i) + extra + json.slice(extra === '' ? i + 1 : i);
        expect(jsonFault(text) === undefined).toBe(isJson(text));
      }),
      { numRuns: 2_000 },
    );
  });

  it.each([
    ['{"a":1}\n x', 2, 2],
    ['{\n  "a": tru\n}', 2, 8],
    ['[1,\n2,\n]', 3, 1],
    ['', 1, 1],
  ])('%j', (text, line, column) => {
    expect(jsonFault(text)).toEqual({ line, column });
  });
});

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

const known = (name: string, verdict: Verdict): KnownGap => ({
  fingerprint: requirementFingerprint(name),
  requirement: name,
  verdict,
});

describe('compareGaps', () => {
  it('tells new, fixed, unchanged and stale apart', () => {
    const today = [
      known('was there', 'missing'),
      known('is met', 'implemented'),
      known('cannot be seen', 'not_assessable'),
      known('became worse', 'missing'),
      known('became better', 'partial'),
      known('is new', 'contradicted'),
    ];
    const before = [
      known('became better', 'contradicted'),
      known('became worse', 'partial'),
      known('cannot be seen', 'missing'),
      known('is gone', 'partial'),
      known('is met', 'missing'),
      known('was there', 'missing'),
    ];
    expect(compareGaps(today, before)).toEqual({
      new: [known('became worse', 'missing'), known('is new', 'contradicted')],
      fixed: [known('is met', 'missing')],
      unchanged: [
        known('was there', 'missing'),
        known('cannot be seen', 'missing'),
        known('became better', 'partial'),
      ],
      stale: [known('is gone', 'partial')],
    });
  });

  it('does not depend on the order of what was known, and loses nothing', () => {
    const list = fc.uniqueArray(
      fc.record({ name: fc.constantFrom(...'abcdefghij'), verdict: fc.constantFrom(...verdicts) }),
      { selector: ({ name }) => name },
    );
    fc.assert(
      fc.property(list, list, (today, before) => {
        const now = today.map(({ name, verdict }) => known(name, verdict));
        const then = before
          .filter(({ verdict }) => asGap(verdict))
          .map(({ name, verdict }) => known(name, verdict));
        const compared = compareGaps(now, then);
        expect(compareGaps(now, then.toReversed())).toEqual(compared);
        const told = new Set(
          Object.values(compared).flatMap((gaps) => gaps.map(({ fingerprint }) => fingerprint)),
        );
        const gaps = now.filter(({ verdict }) => asGap(verdict));
        expect([...gaps, ...then].every(({ fingerprint }) => told.has(fingerprint))).toBe(true);
      }),
    );
  });

  it('keeps in mind what could not be assessed this time', () => {
    const today = [known('a', 'not_assessable'), known('b', 'partial')];
    const previous = compareGaps(today, [known('a', 'missing'), known('b', 'missing')]);
    expect(knownGaps({ requirements: today, compared: { previous } })).toEqual([
      known('b', 'partial'),
      known('a', 'missing'),
    ]);
  });
});

describe('a baseline', () => {
  const compare = (expires: string | undefined, now: string) =>
    compareWithBaseline(
      [known('a', 'missing')],
      [],
      readBaseline(file({ ...entry, ...known('a', 'missing'), ...(expires ? { expires } : {}) })),
      new Date(now),
    );

  it('covers to the end of its last day', () => {
    expect(compare('2026-11-21', '2026-11-21T23:59:59Z').unchanged).toHaveLength(1);
    expect(compare('2026-11-21', '2026-11-22T00:00:00Z')).toMatchObject({
      new: [known('a', 'missing')],
      unchanged: [],
      stale: [known('a', 'missing')],
    });
  });

  it('lets through a finding to the end of its last day, and then lists it', () => {
    const there = finding();
    const accepting = (expires: string) =>
      file({ kind: there.kind, fingerprint: there.fingerprint, reason: 'A test key.', expires });
    const [before, today] = ['2026-11-20', '2026-11-21'].map((expires) =>
      resultOf([], { findings: [there], baseline: accepting(expires), failOn: 'secrets' }),
    );
    expect(today?.findings[0]?.accepted).toMatchObject({ reason: 'A test key.' });
    expect(today?.compared.baseline?.stale_findings).toEqual([]);
    expect(before?.findings[0]?.accepted).toBeNull();
    expect(before?.gate.reasons).toContainEqual(expect.stringContaining('1 secret'));
    expect(before?.compared.baseline?.stale_findings).toHaveLength(1);
  });

  it('names once what is found in two places', () => {
    const twice = resultOf([], { findings: [finding({ line: 3 }), finding({ line: 9 })] });
    const made = toBaseline(twice, 'Known.');
    expect(made.accepted).toHaveLength(1);
    expect(readBaseline(JSON.stringify(made))).toEqual(made);
  });

  it('knows a requirement again by its words, whatever their case, marks and spacing', () => {
    expect(requirementFingerprint('It **must** log\n `Orders`.')).toBe(
      requirementFingerprint('it must log orders.'),
    );
  });

  it('lists findings that are gone', () => {
    const gone = { kind: 'secret', fingerprint: 'fedcba9876543210', message: 'A key.', reason: 'x' };
    const there = finding();
    const baseline = readBaseline(file(gone, { ...gone, fingerprint: there.fingerprint }));
    expect(compareWithBaseline([], [there], baseline, auditDate).stale_findings).toEqual([
      { kind: 'secret', fingerprint: 'fedcba9876543210', message: 'A key.' },
    ]);
  });

  it('made of a result accepts all of it, and keeps the reasons there were', () => {
    const first = sampleResult();
    const made = toBaseline(first, 'Known at the start.', '2027-06-30');
    expect(isValid(made)).toBe(true);
    const again = sampleResult({
      baseline: JSON.stringify(made),
      failOn: 'low,secrets,instructions,undocumented',
    });
    expect(again.gate).toMatchObject({ passed: true, counted: { high: 0, medium: 0, low: 0 } });
    expect(again.findings.every(({ accepted }) => accepted)).toBe(true);
    expect(again.compared.baseline).toMatchObject({ new: [], fixed: [], stale: [], stale_findings: [] });
    const reasons = new Set(made.accepted.map(({ reason, expires }) => `${reason} ${expires}`));
    expect(reasons).toEqual(
      new Set([
        'The old importer does it until the end of the year; see the decision of 3 March. 2026-12-31',
        'Known at the start. 2027-06-30',
        'For operators only. undefined',
      ]),
    );
    expect(readBaseline(JSON.stringify(made))).toEqual(made);
  });

  it('does not cover a gap that has become worse', () => {
    const requirement = 'It must be so.';
    const baseline = file({ ...entry, ...known(requirement, 'partial') });
    const { gate, requirements } = resultOf([judged({ requirement, verdict: 'contradicted' })], { baseline });
    expect(gate.passed).toBe(false);
    expect(requirements[0]).toMatchObject({ state: 'new', accepted: null, severity: 'high' });
  });
});
