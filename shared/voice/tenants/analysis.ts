import { z } from 'zod';

const field = z
  .strictObject({
    type: z.enum(['string', 'number', 'integer', 'boolean']).default('string'),
    /** What it is, for the model that reads the transcript. */
    description: z.string().trim().min(1).max(300).optional(),
    /** The only values it may have. */
    enum: z.array(z.string().trim().min(1).max(100)).min(1).max(30).optional(),
    required: z.boolean().default(false),
  })
  .refine(({ type, enum: values }) => values === undefined || type === 'string', {
    path: ['enum'],
    message: 'goes with type string alone',
  });

/** Source: `SuccessEvaluationPlanRubric` of Vapi's SDK 2.0.1. */
const rubrics = [
  'NumericScale',
  'DescriptiveScale',
  'Checklist',
  'Matrix',
  'PercentageScale',
  'LikertScale',
  'AutomaticRubric',
  'PassFail',
] as const;

/** What Vapi makes of a finished call; it comes with the end-of-call report and stands in the call's row. */
export const analysisSchema = z.strictObject({
  summary: z.boolean().default(true),
  /** What to read from the call, by name: `guests`, `insurer`. */
  structuredData: z
    .record(z.string().regex(/^[A-Za-z]\w{0,39}$/, 'must be a name of letters, digits and _'), field)
    .refine((fields) => Object.keys(fields).length <= 40, 'takes up to 40 fields')
    .default({}),
  successRubric: z.enum(rubrics).optional(),
});

export type Analysis = z.infer<typeof analysisSchema>;
