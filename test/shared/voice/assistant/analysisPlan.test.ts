import type { Vapi } from '@vapi-ai/server-sdk';
import { describe, expect, it } from 'vitest';
import { analysisPlan } from '../../../../shared/voice/assistant/analysisPlan.ts';
import { analysisSchema } from '../../../../shared/voice/tenants/analysis.ts';

const planOf = (given: unknown) => analysisPlan(analysisSchema.parse(given));

describe('analysisPlan', () => {
  it("leaves to Vapi's defaults what the business does not say", () => {
    expect(planOf({})).toEqual({});
  });

  it('asks for the fields of the business, on one line each', () => {
    const plan = planOf({
      summary: false,
      structuredData: {
        guests: { type: 'integer', description: 'how\nmany', required: true },
        area: { enum: ['inside', 'courtyard'] },
      },
      successRubric: 'PassFail',
    }) satisfies { analysisPlan?: Vapi.AnalysisPlan };
    expect(plan).toEqual({
      analysisPlan: {
        summaryPlan: { enabled: false },
        structuredDataPlan: {
          enabled: true,
          schema: {
            type: 'object',
            properties: {
              guests: { type: 'integer', description: 'how many' },
              area: { type: 'string', enum: ['inside', 'courtyard'] },
            },
            required: ['guests'],
          },
        },
        successEvaluationPlan: { enabled: true, rubric: 'PassFail' },
      },
    });
  });

  it.each([
    [{ structuredData: { '1st': {} } }, 'letters, digits'],
    [{ structuredData: { a: { type: 'number', enum: ['1'] } } }, 'type string alone'],
    [{ successRubric: 'Stars' }, 'NumericScale'],
  ])('refuses %j', (given, message) => {
    expect(() => analysisSchema.parse(given)).toThrow(message);
  });
});
