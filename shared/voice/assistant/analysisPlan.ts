import type { Analysis } from '../tenants/analysis.ts';
import { oneLine } from './prompt.ts';

type Field = Analysis['structuredData'][string];

function toVapiField({ type, description, enum: values }: Field) {
  return {
    type,
    ...(description ? { description: oneLine(description) } : {}),
    ...(values ? { enum: values.map(oneLine) } : {}),
  };
}

/** The `analysisPlan` of an assistant; nothing where the business leaves it to Vapi's defaults. */
export function analysisPlan({ summary, structuredData, successRubric }: Analysis) {
  const fields = Object.entries(structuredData);
  const required = fields.filter(([, field]) => field.required).map(([name]) => name);
  const plan = {
    ...(summary ? {} : { summaryPlan: { enabled: false } }),
    ...(fields.length > 0
      ? {
          structuredDataPlan: {
            enabled: true,
            schema: {
              type: 'object' as const,
              properties: Object.fromEntries(fields.map(([name, field]) => [name, toVapiField(field)])),
              ...(required.length > 0 ? { required } : {}),
            },
          },
        }
      : {}),
    ...(successRubric ? { successEvaluationPlan: { enabled: true, rubric: successRubric } } : {}),
  };
  return Object.keys(plan).length > 0 ? { analysisPlan: plan } : {};
}
