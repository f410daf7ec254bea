import { z } from 'zod';
import type { AuditConfig } from '../../config/audit.ts';
import { toLimitError } from '../../limits/answer.ts';
import type { Limiter } from '../../limits/limiter.ts';
import { defineTool } from '../../tools/tool.ts';
import type { Auditor } from '../auditor.ts';
import { readFiles } from '../intake/readFiles.ts';
import { toJobView } from '../jobs/jobView.ts';
import { respond } from '../jobs/respond.ts';
import { type SubmitDeps, submitJob } from '../jobs/submitJob.ts';
import { toToolError } from './toolError.ts';

export interface AuditDesignDeps {
  settings: AuditConfig;
  auditor(): Promise<Pick<Auditor, 'prepare' | 'run'>>;
  jobs(): Promise<SubmitDeps>;
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
  advice: z.boolean().optional().describe('True to be told of each gap what could be done'),
});

/**
 * `audit_design`: holds source files against the design they were built by. Limited and paid for as `POST /api/audit` is,
 * by whose key it is. Gives an `AuditResult`, or where that takes too long the `JobView` of the job it has become.
 */
export function auditDesignTool({ settings, auditor, jobs, limiter }: AuditDesignDeps) {
  return defineTool({
    name: 'audit_design',
    description:
      'Check source code against the design document it should follow. Gives for each requirement of the design a verdict (implemented, partial, missing, contradicted, not_assessable) with the lines that prove it. Use it after changing code that has a written design, before calling the work done; when asked whether an implementation matches its specification; and to find what is still missing. It runs no code and changes nothing. A large audit gives an id instead: ask audit_status for what came of it.',
    input,
    sideEffect: false,
    async run(given, context, deadlineMs) {
      try {
        const { caller = 'anonymous', log, now } = context;
        const decision = await limiter.check('audit', { caller });
        if (decision.kind !== 'allowed') throw toLimitError(decision, now);
        using request = await readFiles(given, settings);
        const scope = { caller, log };
        const runner = await auditor();
        const prepared = await runner.prepare(request, scope, AbortSignal.timeout(Math.ceil(deadlineMs)));
        if (respond(prepared, false, settings.directS) === 'directly')
          return await runner.run(prepared, scope);
        return toJobView(await submitJob(await jobs(), request, { ...scope, key: prepared.key }));
      } catch (error) {
        throw toToolError(error, context);
      }
    },
  });
}
