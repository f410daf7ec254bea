import type { AuditResult } from '../../shared/audit/report/auditResult.ts';

type Requirement = AuditResult['requirements'][number];

const gapVerdicts = ['contradicted', 'missing', 'partial'];
const severities = ['high', 'medium', 'low', 'none'];

/** What the source does not do as the design wants it: accepted ones last, otherwise the worst first. */
export function gapsOf({ requirements }: Pick<AuditResult, 'requirements'>): Requirement[] {
  const rank = ({ state, verified, severity, verdict }: Requirement) =>
    (state === 'accepted' ? 1000 : 0) +
    (verified ? 0 : 100) +
    severities.indexOf(severity) * 10 +
    gapVerdicts.indexOf(verdict);
  return requirements
    .filter(({ verdict }) => gapVerdicts.includes(verdict))
    .map((gap, i) => ({ gap, i }))
    .sort((a, b) => rank(a.gap) - rank(b.gap) || a.i - b.i)
    .map(({ gap }) => gap);
}

/** Where to look: the first place in the source that was found, else the line of the design. */
export function placeOf({ evidence, design_file, design_line }: Requirement): string {
  const [first] = evidence;
  return first ? `${first.file}:${first.line}` : `${design_file}:${design_line}`;
}

/** What was found beside the requirements and is not accepted, the worst first. */
export function openFindings({ findings }: Pick<AuditResult, 'findings'>): AuditResult['findings'] {
  return findings
    .filter((finding) => !('accepted' in finding && finding.accepted))
    .sort((a, b) => severities.indexOf(a.severity) - severities.indexOf(b.severity));
}
