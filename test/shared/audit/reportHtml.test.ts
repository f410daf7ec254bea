import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type ReportFormat, reportFormats } from '../../../shared/audit/report/formats.ts';
import { toHtml } from '../../../shared/audit/report/html/page.ts';
import { hugeResult, judged, resultOf, sampleResult, tokenReport } from '../../support/auditResults.ts';
import { hostileResult, hostileText } from '../../support/hostileTexts.ts';
import { elementsOf } from '../../support/html.ts';

const ours = new Set(elementsOf(toHtml(sampleResult())).names);
const ourAttributes = new Set(
  elementsOf(toHtml(sampleResult())).attributes.map(({ element, name }) => `${element} ${name}`),
);
ourAttributes.add('ol class');

const contentOf = (page: string, tag: string) =>
  new RegExp(`<${tag}>(.*?)</${tag}>`, 's').exec(page)?.[1] ?? '';

describe('toHtml', () => {
  it('says how the gate ended and shows every requirement', () => {
    const { text, attributes, faults } = elementsOf(toHtml(sampleResult()));
    expect(faults).toEqual([]);
    expect(text).toContain('FAILED');
    expect(text).toContain('4 gaps of high severity, where one is let through.');
    expect(
      attributes.filter(({ name, value }) => name === 'class' && value.startsWith('req v-')),
    ).toHaveLength(40);
    expect(text).toContain('src/orders/approve.ts:27–29');
    expect(text).toContain('node_modules');
  });

  it('tells a gate that passed, and one that was not asked for', () => {
    const met = [judged({ requirement: 'All is well.' })];
    expect(elementsOf(toHtml(resultOf(met))).text).toContain('PASSED');
    expect(elementsOf(toHtml(resultOf(met, { failOn: 'none' }))).text).toContain('nothing fails it');
  });

  it('loads nothing and runs nothing but what it names by hash', () => {
    const page = toHtml(sampleResult());
    const { attributes } = elementsOf(page);
    const policy = attributes.find(({ value }) => value.startsWith('default-src'))?.value ?? '';
    for (const tag of ['script', 'style']) {
      const hash = createHash('sha256').update(contentOf(page, tag)).digest('base64');
      expect(policy).toContain(`${tag}-src 'sha256-${hash}'`);
    }
    expect(policy).toContain("default-src 'none'");
    const addresses = attributes.filter(({ name }) =>
      /^(src|href|action|xlink:href|srcset|poster|data)$/.test(name),
    );
    expect(addresses.filter(({ value }) => !value.startsWith('#') && value !== 'data:,')).toEqual([]);
    expect(attributes.filter(({ name }) => name === 'style' || name.startsWith('on'))).toEqual([]);
    expect(contentOf(page, 'style')).not.toMatch(/url\(|@import/);
  });

  it('points only at what is in the page', () => {
    const { attributes } = elementsOf(toHtml(sampleResult()));
    const ids = attributes.filter(({ name }) => name === 'id').map(({ value }) => value);
    expect(new Set(ids).size).toBe(ids.length);
    const targets = attributes.flatMap(({ name, value }) => {
      if (name === 'href' && value.startsWith('#')) return [value.slice(1)];
      return name === 'aria-labelledby' ? value.split(' ') : [];
    });
    expect(targets.length).toBeGreaterThan(20);
    expect(targets.filter((target) => !ids.includes(target))).toEqual([]);
  });

  it('leaves out what there is none of', () => {
    const lexical = resultOf([], {
      engine: { name: 'lexical', model: null, note: 'No model.' },
      tokenReport: tokenReport({ usage: null }),
    });
    const { text } = elementsOf(toHtml(lexical));
    expect(text).not.toMatch(/Left out|Findings|What has changed|US dollars/);
    expect(text).toContain('No model was called, so nothing was paid for.');
    expect(text).toContain('The design states no requirement');
  });

  it('has no element and no attribute but its own, whatever the texts', () => {
    fc.assert(
      fc.property(hostileText, (text) => {
        const { names, attributes, comments, faults } = elementsOf(toHtml(hostileResult(text)));
        expect(faults).toEqual([]);
        expect(comments).toEqual([]);
        expect(names.filter((name) => !ours.has(name))).toEqual([]);
        const unknown = attributes.filter(({ element, name }) => !ourAttributes.has(`${element} ${name}`));
        expect(unknown).toEqual([]);
      }),
      { numRuns: 200 },
    );
  });

  it('holds thousands of requirements, of which only the worst stand open', () => {
    const { attributes } = elementsOf(toHtml(hugeResult()));
    const cards = attributes.filter(({ name, value }) => name === 'class' && value.startsWith('req v-'));
    expect(cards).toHaveLength(3_000);
    expect(attributes.filter(({ element, name }) => element === 'details' && name === 'open')).toHaveLength(
      4 * 75,
    );
  });
});

describe('reportFormats', () => {
  const result = sampleResult();

  it.each(Object.entries<ReportFormat>(reportFormats))('%s is text with a name and a type', (_, format) => {
    expect(format.write(result).endsWith('\n') || format.write(result).endsWith('}')).toBe(true);
    expect(format.fileName).toMatch(/^[\w.-]+\.\w+$/);
    expect(format.contentType).toMatch(/^(text|application)\/[\w+]+/);
  });

  it('writes the same twice', () => {
    for (const { write } of Object.values<ReportFormat>(reportFormats))
      expect(write(sampleResult())).toBe(write(result));
  });

  it('gives the result itself as JSON, and a baseline that accepts it', () => {
    expect(JSON.parse(reportFormats.json.write(result))).toEqual(result);
    const baseline = reportFormats.baseline.write(result);
    expect(sampleResult({ baseline, failOn: 'low,secrets' }).gate.passed).toBe(true);
    expect(baseline).toContain('Stood when the baseline was made on 2026-11-21.');
  });
});
