import { z } from 'zod';
import { AppError } from '../../../errors.ts';
import { tryJson } from '../../../tryJson.ts';
import { verdicts } from '../../verdict.ts';
import type { AnswerShape } from '../openAi/modelQuestion.ts';

/** Part of the cache key: raise it when the shape asked of a model changes. */
export const answerShapeVersion = 2;

/** A quote as a model gave it, before anyone looked. */
export const claimSchema = z.object({ file: z.string(), quote: z.string() });

/** What a model says of one requirement. The verdict stands before its reason: asked to explain first, models find fault. */
const opinionSchema = z.object({
  id: z.string().describe('The id of the requirement, as given in the task'),
  verdict: z.enum(verdicts),
  evidence: z.array(claimSchema),
  reason: z.string().describe('One plain sentence'),
});
export type Opinion = z.infer<typeof opinionSchema>;

const opinions = z.object({
  verdicts: z.array(opinionSchema),
  note: z.string().describe('The answer to the question, where the task asks one; else empty'),
});

const quotes = z.object({
  requirements: z.array(
    z.object({ quote: z.string().describe('Copied from the design, character for character') }),
  ),
});

const advice = z.object({
  advice: z.array(z.object({ id: z.string(), advice: z.string().describe('One or two plain sentences') })),
});

/** One shape for every question about source: the service renders it before the prompt, so another one would miss the cache. */
export const opinionShape = shapeOf('audit', opinions);
export const quoteShape = shapeOf('requirements', quotes);
export const adviceShape = shapeOf('advice', advice);

function shapeOf<T extends z.ZodType>(name: string, type: T): AnswerShape<z.infer<T>> {
  const { $schema: _, ...schema } = z.toJSONSchema(type) as Record<string, unknown>;
  return {
    name,
    schema,
    read(text) {
      const parsed = type.safeParse(tryJson(text));
      if (parsed.success) return parsed.data;
      throw new AppError(
        'engine-failed',
        'The model answered something other than the JSON it was asked for. Nothing was cached; try again.',
        { cause: parsed.error },
      );
    },
  };
}
