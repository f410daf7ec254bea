import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { toAzureAnnotations, toGithubAnnotations } from '../../../shared/audit/report/annotations.ts';
import { hugeResult, judged, resultOf, sampleResult } from '../../support/auditResults.ts';
import { hostileResult, hostileText } from '../../support/hostileTexts.ts';

const linesOf = (text: string) => text.trimEnd().split('\n');

describe('toGithubAnnotations', () => {
  it('marks places worst first, and says how it ended', () => {
    const lines = linesOf(toGithubAnnotations(sampleResult()));
    expect(lines[0]).toMatch(
      /^::error file=src\/orders\/approve\.ts,line=27,endLine=29,title=R7::R7 “Orders above .* is contradicted: /,
    );
    expect(lines.find((line) => line.includes('title=R9'))).toMatch(
      /^::error file=docs\/hld\.md,line=36,endLine=36/,
    );
    expect(lines.find((line) => line.includes('title=R19'))).toMatch(/^::notice .*\(unverified\)/);
    expect(lines.filter((line) => /title=R3:|title=R4:/.test(line))).toEqual([]);
    expect(lines).toContainEqual(
      expect.stringContaining('title=secret/azure-storage-key::secret: An account key'),
    );
    expect(lines.at(-1)).toBe(
      'Gatehouse, design audit: failed (40 requirements). 4 gaps of high severity, where one is let through. 8 gaps of medium severity or worse, where 5 are let through. 1 secret, where none is let through.',
    );
  });

  it('shows ten of each level and counts the rest', () => {
    const lines = linesOf(toGithubAnnotations(hugeResult()));
    for (const level of ['error', 'warning', 'notice'])
      expect(lines.filter((line) => line.startsWith(`::${level} `))).toHaveLength(10);
    expect(lines.at(-1)).toMatch(/ 1,\d\d\d further places are in the whole report\.$/);
  });

  it('escapes what would end a property or a line', () => {
    const evidence = [{ file: 'a,b:c%.ts', line: 1, end_line: 1, quote: 'x' }];
    const [line] = linesOf(
      toGithubAnnotations(resultOf([judged({ requirement: '100%\nsure', verdict: 'missing', evidence })])),
    );
    expect(line).toMatch(/^::error file=a%2Cb%3Ac%25\.ts,line=1,endLine=1,title=R1::R1 “100%25 sure”/);
  });
});

describe('toAzureAnnotations', () => {
  it('knows errors and warnings', () => {
    const lines = linesOf(toAzureAnnotations(sampleResult()));
    expect(lines[0]).toMatch(
      /^##vso\[task\.logissue type=error;sourcepath=src\/orders\/approve\.ts;linenumber=27;columnnumber=1;code=R7;\]R7 “/,
    );
    expect(lines.filter((line) => line.includes('type=warning'))).toHaveLength(10);
    expect(lines.filter((line) => line.includes('type=error'))).toHaveLength(5);
    expect(lines).toHaveLength(16);
  });

  it('escapes what would end a property or a line', () => {
    const evidence = [{ file: 'a;b]%.ts', line: 1, end_line: 1, quote: 'x' }];
    const [line] = linesOf(
      toAzureAnnotations(resultOf([judged({ requirement: '100%', verdict: 'missing', evidence })])),
    );
    expect(line).toMatch(
      /sourcepath=a%3Bb%5D%AZP25\.ts;linenumber=1;columnnumber=1;code=R1;\]R1 “100%AZP25”/,
    );
  });
});

describe('annotations of hostile texts', () => {
  it.each([
    [
      'GitHub',
      toGithubAnnotations,
      /^::(error|warning|notice) file=[^,:\n]*,line=\d+,endLine=\d+,title=[^,:\n]*::[^\n]*$/,
    ],
    [
      'Azure',
      toAzureAnnotations,
      /^##vso\[task\.logissue type=(error|warning);sourcepath=[^;\]\n]*;linenumber=\d+;columnnumber=1;code=[^;\]\n]*;\][^\n]*$/,
    ],
  ])('%s: one line each, and no command but ours', (_, write, form) => {
    fc.assert(
      fc.property(hostileText, (text) => {
        const lines = write(hostileResult(text))
          .trimEnd()
          .split(/[\r\n\u0085\u2028\u2029]/);
        expect(lines).toHaveLength(4);
        for (const line of lines.slice(0, -1)) expect(line).toMatch(form);
        expect(lines.at(-1)).toMatch(/^Gatehouse, [\w .,:()]+$/);
      }),
      { numRuns: 200 },
    );
  });
});
