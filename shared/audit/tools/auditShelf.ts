import type { AuditConfig } from '../../config/audit.ts';
import type { Section } from '../../config/section.ts';
import { createToolRegistry, fixedSource, type ToolRegistry } from '../../tools/registry.ts';
import type { SubmitDeps } from '../jobs/submitJob.ts';
import type { AuditResult } from '../report/auditResult.ts';
import { type AuditDesignDeps, auditDesignTool } from './auditDesign.ts';
import { type AuditStatusDeps, auditStatusTool, type JobOutcome } from './auditStatus.ts';
import { jobToSentences } from './jobSentences.ts';
import { toSentences } from './sentences.ts';

/** What is left to tell of an audit that has run out of its own time. */
const graceMs = 5_000;

type Jobs = SubmitDeps & Awaited<ReturnType<AuditStatusDeps['jobs']>>;

/** The tools of the audit with whoever runs them. There are none while the audit's settings are wrong. */
export function auditShelf(
  settings: Section<AuditConfig>,
  deps: Omit<AuditDesignDeps, 'settings' | 'jobs'> & { jobs(): Promise<Jobs> },
): { registry: ToolRegistry; timeoutMs: number; say(result: unknown): string } {
  const tools = settings.ok
    ? [auditDesignTool({ ...deps, settings: settings.value }), auditStatusTool(deps)]
    : [];
  return {
    registry: createToolRegistry(fixedSource(tools)),
    timeoutMs: (settings.ok ? settings.value.timeoutMs : 0) + graceMs,
    say: (result) => {
      const given = result as AuditResult | JobOutcome;
      return 'state' in given ? jobToSentences(given) : toSentences(given);
    },
  };
}
