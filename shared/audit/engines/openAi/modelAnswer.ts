import { z } from 'zod';
import { AppError } from '../../../errors.ts';
import { tryJson } from '../../../tryJson.ts';
import { verify } from '../../evidence.ts';
import type { AuditInput } from '../../sourceTree.ts';
import { verdicts } from '../../verdict.ts';
import type { EngineAnswer } from '../engine.ts';

/** Part of the cache key: raise it when the shape asked of the model changes. */
export const answerSchemaVersion = 1;

const modelAnswer = z.object({
  requirements: z.array(
    z.object({
      requirement: z.string().describe('The requirement in the words of the design'),
      verdict: z.enum(verdicts),
      reason: z.string(),
      evidence: z.array(z.object({ file: z.string(), quote: z.string() })),
    }),
  ),
  summary: z.string(),
});

/** The JSON Schema in the subset that strict structured output accepts. */
export const answerJsonSchema = (() => {
  const { $schema: _, ...schema } = z.toJSONSchema(modelAnswer) as Record<string, unknown>;
  return schema;
})();

/**
 * The model's text as a verified answer, without usage.
 * @throws AppError `engine-failed` where it is not the JSON that was asked for or names no requirement.
 */
export function readModelAnswer(content: string, input: AuditInput): Omit<EngineAnswer, 'usage'> {
  const parsed = modelAnswer.safeParse(tryJson(content));
  if (!parsed.success)
    throw new AppError(
      'engine-failed',
      'The model answered something other than the JSON it was asked for. Nothing was cached; try again.',
      { cause: parsed.error },
    );
  const { requirements, summary } = parsed.data;
  if (requirements.length === 0)
    throw new AppError(
      'engine-failed',
      'The model found no requirement in the design. Nothing was cached; check the design, or try again.',
    );
  const files = new Map(input.files.map((file) => [file.path, file]));
  const designLines = input.design.text.split('\n');
  return {
    summary,
    requirements: requirements.map((claim, i) =>
      verify({ id: `R${i + 1}`, design_line: lineOf(claim.requirement, designLines), ...claim }, files),
    ),
  };
}

function lineOf(requirement: string, lines: readonly string[]): number | null {
  const at = lines.findIndex((line) => line.includes(requirement.trim()));
  return at < 0 ? null : at + 1;
}
