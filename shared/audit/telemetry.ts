import { recordMetric } from '../telemetry/instruments.ts';
import type { Logger } from '../telemetry/logger.ts';
import type { AuditEngine } from './engines/engine.ts';
import type { AuditResult } from './report/auditResult.ts';
import { worstVerdict } from './verdict.ts';

interface AuditFacts {
  engine: Pick<AuditEngine, 'name' | 'model'>;
  files: number;
  isHit: boolean;
  seconds: number;
}

/** Counts and logs an audit; gives what its span says of it. */
export function reportAudit(
  { audit_id: key, requirements, gate, token_report: tokens }: AuditResult,
  { engine, files, isHit, seconds }: AuditFacts,
  log: Logger,
) {
  const verdict = worstVerdict(requirements);
  recordMetric('gatehouse.audit.count', 1, { 'gatehouse.verdict': verdict, 'gatehouse.engine': engine.name });
  recordMetric('gatehouse.audit.duration', seconds, {
    'gatehouse.engine': engine.name,
    'gatehouse.cache_hit': isHit,
  });
  recordMetric('gatehouse.audit.cache.requests', 1, { 'gatehouse.result': isHit ? 'hit' : 'miss' });
  log.info('audit', {
    key,
    engine: engine.name,
    model: engine.model,
    files,
    requirements: requirements.length,
    verdict,
    passed: gate.passed,
    cacheHit: isHit,
    billed: tokens.total_tokens_billed,
    durationMs: Math.round(seconds * 1000),
  });
  return { 'gatehouse.engine': engine.name, 'gatehouse.verdict': verdict, 'gatehouse.cache_hit': isHit };
}
