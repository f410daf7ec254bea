import { z } from 'zod';
import type { AuditConfig } from '../../config/audit.ts';
import { AppError } from '../../errors.ts';
import { toLimitError } from '../../limits/answer.ts';
import type { Limiter } from '../../limits/limiter.ts';
import { defineTool, type ToolContext, ToolError } from '../../tools/tool.ts';
import type { Auditor } from '../auditor.ts';
import { TreeBuilder } from '../intake/treeBuilder.ts';
import type { AuditInput } from '../sourceTree.ts';

export interface AuditDesignDeps {
  settings: AuditConfig;
  auditor(): Promise<Pick<Auditor, 'audit'>>;
  limiter: Pick<Limiter, 'check'>;
}

const mostFiles = 2_000;
const longestDesign = 1_000_000;

const input = z.object({
  design: z
    .string()
    .min(1)
    .max(longestDesign)
    .describe(
      'The whole text of the design document, Markdown or plain; or its path, if it is among the files',
    ),
  files: z
    .record(z.string().min(1).max(400), z.string())
    .refine((files) => Object.keys(files).length <= mostFiles, `must be at most ${mostFiles} files`)
    .describe(
      `Source files as {"path/in/the/repository": "whole text"}, at most ${mostFiles}. Send those the design is about; leave out dependencies and build output.`,
    ),
  question: z.string().max(4_000).optional().describe('A question to answer beside the audit'),
});

/**
 * `audit_design`: holds source files against the design they were built by. Limited and paid for as `POST /api/audit` is,
 * by whose key it is.
 */
export function auditDesignTool({ settings, auditor, limiter }: AuditDesignDeps) {
  return defineTool({
    name: 'audit_design',
    description:
      'Check source code against the design document it should follow. Gives for each requirement of the design a verdict (implemented, partial, missing, contradicted, not_assessable) with the lines that prove it. Use it after changing code that has a written design, before calling the work done; when asked whether an implementation matches its specification; and to find what is still missing. It runs no code and changes nothing.',
    input,
    sideEffect: false,
    async run(given, context) {
      try {
        const { caller = 'anonymous', log, now } = context;
        const decision = await limiter.check('audit', { caller });
        if (decision.kind !== 'allowed') throw toLimitError(decision, now);
        const tree = readTree(given, settings);
        return await (await auditor()).audit(tree, { caller, log });
      } catch (error) {
        throw toToolError(error, context);
      }
    },
  });
}

/** @throws AppError that says what to send instead. */
function readTree({ design, files, question }: z.infer<typeof input>, settings: AuditConfig): AuditInput {
  const builder = new TreeBuilder(settings, settings.limits.fileBytes);
  for (const [given, text] of Object.entries(files)) {
    const path = builder.claim(given);
    if (builder.wants(path)) builder.add(path, text);
  }
  const content = Object.hasOwn(files, design) ? files[design] : undefined;
  return builder.finish(
    content === undefined ? { path: 'design', content: design } : { path: design, content },
    question,
  );
}

/** What a client of `POST /api/audit` would be told, told to the model. */
function toToolError(error: unknown, { log }: ToolContext): unknown {
  if (!(error instanceof AppError)) return error;
  log.warn('audit-refused', { code: error.code });
  return new ToolError(error.message);
}
