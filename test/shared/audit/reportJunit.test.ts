import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { SaxesParser } from 'saxes';
import { describe, expect, it } from 'vitest';
import { validateXML } from 'xmllint-wasm';
import { toJunit } from '../../../shared/audit/report/junit.ts';
import { hugeResult, sampleResult } from '../../support/auditResults.ts';
import { hostileResult, hostileText } from '../../support/hostileTexts.ts';
import { root } from '../../support/process.ts';

interface Case {
  name: string;
  outcome: 'passed' | 'failure' | 'skipped';
  text: string;
}

/** By a strict parser, which throws where it is not well-formed. */
function read(xml: string) {
  const names = new Set<string>();
  const cases: Case[] = [];
  const suites: Record<string, string>[] = [];
  const parser = new SaxesParser();
  parser.on('opentag', ({ name, attributes }) => {
    names.add(name);
    if (name === 'testsuite') suites.push(attributes as Record<string, string>);
    if (name === 'testcase') cases.push({ name: String(attributes.name), outcome: 'passed', text: '' });
    const last = cases.at(-1);
    if (last && (name === 'failure' || name === 'skipped')) last.outcome = name;
  });
  parser.on('text', (text) => {
    const last = cases.at(-1);
    if (last && text.trim()) last.text += text;
  });
  parser.write(xml).close();
  return { names: [...names].sort(), cases, suite: suites[0] ?? {} };
}

describe('toJunit', () => {
  it('has a case for each requirement: open gaps fail, what is not certain is skipped', () => {
    const { cases, suite } = read(toJunit(sampleResult()));
    const of = (outcome: Case['outcome']) => cases.filter((one) => one.outcome === outcome).length;
    expect({ passed: of('passed'), failed: of('failure'), skipped: of('skipped') }).toEqual({
      passed: 22,
      failed: 11,
      skipped: 7,
    });
    expect(suite).toMatchObject({
      name: 'Design audit of bookings',
      tests: '40',
      failures: '11',
      skipped: '7',
      errors: '0',
    });
    expect(cases[6]).toMatchObject({
      name: 'R7 Orders above 1,000 dollars need the approval of a second person.',
      outcome: 'failure',
    });
    expect(cases[6]?.text).toContain('if (order.total > 5_000) {\n  await');
    expect(cases[2]?.text).toMatch(/^Accepted: The old importer/);
  });

  it.each([
    ['a sample', sampleResult()],
    ['thousands', hugeResult()],
    ['hostile texts', hostileResult('<b>&"\'\u0000\ud800]]>\r\n\u2028')],
  ])('fits the schema of Jenkins: %s', async (_, result) => {
    const { errors } = await validateXML({
      xml: [{ fileName: 'report.xml', contents: toJunit(result) }],
      schema: [readFileSync(join(root, 'test/fixtures/junit/jenkins-junit.xsd'), 'utf8')],
    });
    expect(errors.map(({ message }) => message)).toEqual([]);
  });

  it('has no element but its own, whatever the texts', () => {
    fc.assert(
      fc.property(hostileText, (text) => {
        const { names, cases } = read(toJunit(hostileResult(text)));
        expect(names).toEqual([
          'failure',
          'properties',
          'property',
          'skipped',
          'system-out',
          'testcase',
          'testsuite',
          'testsuites',
        ]);
        expect(cases.map(({ outcome }) => outcome)).toEqual(['failure', 'skipped', 'skipped']);
      }),
      { numRuns: 200 },
    );
  });

  it('gives texts back as they were', () => {
    const { cases } = read(toJunit(hostileResult('a < b && "c" ]]> \'d\'')));
    expect(cases[0]?.name).toBe('R1 a < b && "c" ]]> \'d\'');
    expect(cases[0]?.text).toContain('a < b && "c" ]]> \'d\'');
  });
});
