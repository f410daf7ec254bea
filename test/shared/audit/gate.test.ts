import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type FailTarget, failTargets, readFailOn } from '../../../shared/audit/gate/failOn.ts';
import { applyGate } from '../../../shared/audit/gate/gate.ts';
import { severityOf } from '../../../shared/audit/gate/severity.ts';
import { obligations, verdicts } from '../../../shared/audit/verdict.ts';

describe('severityOf', () => {
  it('weighs a gap by how binding the requirement is', () => {
    const table = verdicts.map((verdict) => obligations.map((obligation) => severityOf(obligation, verdict)));
    expect(table).toEqual([
      ['none', 'none', 'none'],
      ['medium', 'low', 'low'],
      ['high', 'medium', 'low'],
      ['high', 'medium', 'low'],
      ['none', 'none', 'none'],
    ]);
  });
});

describe('readFailOn', () => {
  it.each([
    [undefined, 'high', [{ on: 'high', allowed: 0 }]],
    ['none', 'none', []],
    [
      ' medium:5 , secrets ',
      'medium:5,secrets',
      [
        { on: 'medium', allowed: 5 },
        { on: 'secrets', allowed: 0 },
      ],
    ],
    ['low:0', 'low', [{ on: 'low', allowed: 0 }]],
  ])('reads %s', (text, shown, rules) => {
    expect(readFailOn(text)).toEqual({ text: shown, rules });
  });

  it.each([
    '',
    'none,high',
    'high,high:2',
    'critical',
    'high:-1',
    'high:1.5',
    'HIGH',
    'high:',
    'high;low',
    'high,',
  ])('refuses %j with the grammar', (text) => {
    expect(() => readFailOn(text)).toThrow(
      expect.objectContaining({ code: 'invalid-request', message: expect.stringContaining('comma list') }),
    );
  });

  it('reads what it wrote', () => {
    const rule = fc.record({
      on: fc.constantFrom(...failTargets),
      allowed: fc.integer({ min: 0, max: 999_999 }),
    });
    const rules = fc.uniqueArray(rule, { selector: ({ on }) => on, minLength: 1 });
    fc.assert(
      fc.property(rules, (given) => {
        const { text, rules: read } = readFailOn(
          given.map(({ on, allowed }) => `${on}:${allowed}`).join(','),
        );
        expect(read).toEqual(given);
        expect(readFailOn(text)).toEqual({ text, rules: given });
      }),
    );
  });
});

const gap = (severity: 'high' | 'medium' | 'low', changes = {}) => ({
  verdict: 'missing' as const,
  severity,
  verified: true,
  accepted: null,
  ...changes,
});
const met = { verdict: 'implemented' as const, severity: 'none' as const, verified: true, accepted: null };
const unknown = { ...met, verdict: 'not_assessable' as const };
const accepted = { reason: 'Known.', expires: null };
const found = (kind: 'secret' | 'instruction' | 'undocumented', changes = {}) => ({
  kind,
  accepted: null,
  ...changes,
});

describe('applyGate', () => {
  const judge = (
    requirements: Parameters<typeof applyGate>[0],
    text?: string,
    findings: Parameters<typeof applyGate>[1] = [],
  ) => applyGate(requirements, findings, readFailOn(text));

  it('passes what has no gap', () => {
    expect(judge([met, unknown])).toEqual({
      passed: true,
      fail_on: 'high',
      reasons: [],
      counted: { high: 0, medium: 0, low: 0 },
    });
  });

  it.each([
    ['high', [gap('medium'), gap('low')], []],
    ['high', [gap('high')], ['1 gap of high severity, where none is let through.']],
    [
      'medium:1',
      [gap('high'), gap('medium')],
      ['2 gaps of medium severity or worse, where one is let through.'],
    ],
    ['medium:2', [gap('high'), gap('medium'), gap('low')], []],
    ['low:2', [gap('high'), gap('medium'), gap('low')], ['3 gaps of any severity, where 2 are let through.']],
    ['none', [gap('high')], []],
  ])('%s', (failOn, requirements, reasons) => {
    expect(judge([met, ...requirements], failOn)).toMatchObject({ passed: reasons.length === 0, reasons });
  });

  it('counts neither what is accepted nor what is unverified', () => {
    const listed = [gap('high', { verified: false }), gap('high', { accepted })];
    expect(judge([met, ...listed], 'low')).toMatchObject({ passed: true, counted: { high: 0 } });
  });

  it('counts findings by kind, but for accepted ones', () => {
    const findings = [found('secret'), found('secret', { accepted }), found('undocumented')];
    expect(judge([met], 'high', findings).passed).toBe(true);
    expect(judge([met], 'secrets,instructions,undocumented:1', findings).reasons).toEqual([
      '1 secret, where none is let through.',
    ]);
  });

  it('counts what nobody could show where it is asked to, but for what is accepted', () => {
    const listed = [gap('high', { verified: false }), { ...met, verified: false }];
    const known = gap('high', { verified: false, accepted });
    expect(judge([met, ...listed, known], 'unverified:1').reasons).toEqual([
      '2 verdicts that nothing in the source shows, where one is let through.',
    ]);
    expect(judge([met, ...listed, known], 'high,unverified:2').passed).toBe(true);
  });

  it.each([
    ['no requirement', [], 'The design states no requirement'],
    ['nothing assessable', [unknown, unknown], 'None of the 2 requirements could be assessed'],
    ['one that is not assessable', [unknown], 'The only requirement could not be assessed'],
    [
      'nothing verified',
      [{ ...met, verified: false }, gap('high', { verified: false })],
      'could be verified',
    ],
  ])('does not pass %s', (_, requirements, reason) => {
    const gate = judge(requirements, 'high:5');
    expect(gate.passed).toBe(false);
    expect(gate.reasons).toEqual([expect.stringContaining(reason)]);
    expect(judge(requirements, 'none').passed).toBe(true);
  });

  it('never passes more than it lets through', () => {
    const severity = fc.constantFrom('high' as const, 'medium' as const, 'low' as const);
    const many = fc.array(fc.tuple(severity, fc.boolean(), fc.boolean()), { maxLength: 12 });
    const worse = { high: ['high'], medium: ['high', 'medium'], low: ['high', 'medium', 'low'] };
    fc.assert(
      fc.property(many, severity, fc.nat(6), (given, on: FailTarget & keyof typeof worse, allowed) => {
        const gaps = given.map(([of, verified, isAccepted]) =>
          gap(of, { verified, accepted: isAccepted ? accepted : null }),
        );
        const counting = gaps.filter(
          (one) => one.verified && !one.accepted && worse[on].includes(one.severity),
        );
        expect(judge([met, ...gaps], `${on}:${allowed}`).passed).toBe(counting.length <= allowed);
      }),
    );
  });
});
