import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Ajv2020 } from 'ajv/dist/2020.js';
import addFormats from 'ajv-formats';
import fc from 'fast-check';
import type { Log } from 'sarif';
import { describe, expect, it } from 'vitest';
import { toSarif } from '../../../shared/audit/report/sarif.ts';
import { hugeResult, judged, resultOf, sampleResult } from '../../support/auditResults.ts';
import { hostileResult, hostileText } from '../../support/hostileTexts.ts';
import { root } from '../../support/process.ts';

/** The OASIS schema as the SARIF SDK ships it. */
const schema = JSON.parse(
  readFileSync(
    join(root, 'node_modules/@microsoft/sarif-multitool-ts/assets/sarif-2.1.0.schema.json'),
    'utf8',
  ),
) as object;
const validate = addFormats.default(new Ajv2020({ strict: false, allErrors: true })).compile(schema);

function read(text: string) {
  const log = JSON.parse(text) as Log;
  validate(log);
  expect(validate.errors ?? []).toEqual([]);
  const [run] = log.runs;
  if (!run?.results) throw new Error('There is no run.');
  return { run, results: run.results };
}

describe('toSarif', () => {
  it('is valid, worst first, with a rule for each requirement', () => {
    const { run, results } = read(toSarif(sampleResult()));
    expect(results).toHaveLength(18);
    const [first] = results;
    expect(first).toMatchObject({
      level: 'error',
      baselineState: 'new',
      suppressions: [],
      message: {
        text: expect.stringMatching(/^R7 “Orders above 1,000 dollars .* is contradicted: Approval/),
      },
      partialFingerprints: { primaryLocationLineHash: expect.stringMatching(/^[0-9a-f]{16}:1$/) },
    });
    expect(first?.locations?.[0]?.physicalLocation).toEqual({
      artifactLocation: { uri: 'src/orders/approve.ts', uriBaseId: '%SRCROOT%' },
      region: {
        startLine: 27,
        endLine: 29,
        snippet: { text: expect.stringContaining('order.total > 5_000') },
      },
    });
    expect(first?.relatedLocations?.[0]).toMatchObject({
      id: 0,
      message: { text: 'R7 as the design states it' },
      physicalLocation: { artifactLocation: { uri: 'docs/hld.md' }, region: { startLine: 30 } },
    });
    const rules = run.tool.driver.rules ?? [];
    expect(results.every(({ ruleId, ruleIndex }) => rules[ruleIndex ?? -1]?.id === ruleId)).toBe(true);
    expect(rules[0]?.shortDescription?.text).toBe(
      'Orders above 1,000 dollars need the approval of a second person.',
    );
  });

  it('points at the design where no code shows the gap', () => {
    const { results } = read(toSarif(sampleResult()));
    const missing = results.find(({ message }) => message.text?.startsWith('R9 '));
    expect(missing?.locations?.[0]?.physicalLocation).toMatchObject({
      artifactLocation: { uri: 'docs/hld.md' },
      region: { startLine: 36 },
    });
    expect(missing?.relatedLocations).toEqual([]);
  });

  it('suppresses what is accepted, with its reason, and weakens what nobody confirmed', () => {
    const { results } = read(toSarif(sampleResult()));
    const suppressed = results.filter(({ suppressions }) => suppressions?.length);
    expect(suppressed).toHaveLength(3);
    expect(suppressed[0]).toMatchObject({
      baselineState: 'unchanged',
      suppressions: [
        {
          kind: 'external',
          status: 'accepted',
          justification: expect.stringMatching(/^The old importer .*until 2026-12-31\)$/),
        },
      ],
    });
    expect(results.find(({ message }) => message.text?.startsWith('R19 '))).toMatchObject({ level: 'note' });
  });

  it('tells findings, what was not read, and who wrote it', () => {
    const { run, results } = read(toSarif(sampleResult()));
    expect(results.map(({ ruleId }) => ruleId)).toContain('secret/azure-storage-key');
    expect(run.tool.driver).toMatchObject({
      name: 'Gatehouse',
      semanticVersion: expect.stringMatching(/^\d+\.\d+\.\d+/),
    });
    expect(run.invocations?.[0]).toMatchObject({
      executionSuccessful: true,
      endTimeUtc: '2026-11-21T09:30:00.000Z',
    });
    expect(run.invocations?.[0]?.toolExecutionNotifications?.[1]?.message.text).toContain(
      'src/generated/client.ts',
    );
  });

  it('has no baseline state where nothing was compared, and no result where all is well', () => {
    const { results } = read(toSarif(hugeResult(1)));
    expect(results.some(({ baselineState }) => baselineState)).toBe(false);
    expect(read(toSarif(resultOf([judged({ requirement: 'All is well.' })]))).results).toEqual([]);
  });

  it('keeps the same identity when the design and the code move', () => {
    const wanted = { requirement: 'Orders are *numbered*.', verdict: 'missing' as const };
    const prints = [1, 900].map((design_line) => {
      const { results } = read(toSarif(resultOf([judged({ ...wanted, design_line })])));
      return results[0]?.partialFingerprints;
    });
    expect(prints[0]).toEqual(prints[1]);
  });

  it('stays within what GitHub takes', () => {
    const evidence = Array.from({ length: 300 }, (_, i) => ({
      file: 'a.ts',
      line: i + 1,
      end_line: i + 1,
      quote: 'q',
    }));
    const many = Array.from({ length: 25_100 }, (_, i) =>
      judged({
        id: `R${i}`,
        requirement: `It does ${i}.`,
        verdict: 'missing',
        evidence: i === 0 ? evidence : [],
      }),
    );
    const [run] = (JSON.parse(toSarif(resultOf(many))) as Log).runs;
    expect(run?.results).toHaveLength(25_000);
    expect(run?.tool.driver.rules).toHaveLength(25_000);
    expect(run?.results?.[0]?.relatedLocations?.length).toBeLessThanOrEqual(100);
  });

  it('is valid whatever the texts', () => {
    fc.assert(
      fc.property(hostileText, (text) => {
        const { results } = read(toSarif(hostileResult(text)));
        expect(results).toHaveLength(4);
        expect(results.every(({ message }) => !/[\r\n]/.test(message.text ?? ''))).toBe(true);
      }),
      { numRuns: 60 },
    );
  });
});
