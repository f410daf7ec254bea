import type { Location, ReportingDescriptor, Result } from 'sarif';
import type { FindingKind, Severity } from '../finding.ts';
import type { ResultFinding } from '../gate/outcome.ts';
import type { Evidence, Requirement } from '../verdict.ts';
import { standingOf } from './order.ts';
import { clip, oneLine } from './text.ts';
import { findingNames, verdictNames } from './verdictNames.ts';
import { verdictSentence } from './verdictSentence.ts';

/** GitHub keeps as many locations of a result. */
const mostLocations = 100;
const longestTitle = 200;
const longestDescription = 1_000;

const levels: Readonly<Record<Severity, 'error' | 'warning' | 'note'>> = {
  high: 'error',
  medium: 'warning',
  low: 'note',
  none: 'note',
};

/** One rule for each requirement, so that an alert is the same while its verdict changes, and says what is wanted. */
export function gapRule(one: Requirement): ReportingDescriptor {
  const { requirement, fingerprint, obligation, section, design_file, design_line, severity } = one;
  const where = `${oneLine(design_file)}:${design_line}`;
  return {
    id: `requirement/${fingerprint}`,
    name: 'DesignRequirement',
    shortDescription: { text: clip(requirement, longestTitle) },
    fullDescription: { text: clip(requirement, longestDescription) },
    help: {
      text: `The design states at ${where}${section.length > 0 ? `, under ${section.map(oneLine).join(' / ')}` : ''}: ${clip(requirement, longestDescription)}`,
    },
    defaultConfiguration: { level: levels[severity] },
    properties: { tags: ['design', obligation], 'problem.severity': problemSeverity(severity) },
  };
}

export function gapResult(one: Requirement, isCompared: boolean): Result {
  const { id, fingerprint, evidence, verdict, obligation, severity, verified, advice } = one;
  const standing = standingOf(one);
  const stated = placed(one.design_file, one.design_line, one.design_line);
  const [first, ...others] = evidence.slice(0, mostLocations).map(quoted);
  const related = [
    ...(first ? [{ ...stated, message: { text: `${id} as the design states it` } }] : []),
    ...others,
  ];
  return {
    ruleId: `requirement/${fingerprint}`,
    level: standing === 'unverified' ? 'note' : levels[severity],
    message: { text: verdictSentence(one) },
    locations: [first ?? stated],
    relatedLocations: related.slice(0, mostLocations).map((location, i) => ({ ...location, id: i })),
    ...identity(fingerprint),
    ...state(isCompared, one.state === 'new'),
    suppressions: suppressed(one.accepted),
    properties: {
      verdict: verdictNames[verdict],
      obligation,
      severity,
      verified,
      ...(advice === null ? {} : { advice }),
    },
  };
}

const findingDescriptions: Readonly<Record<FindingKind, string>> = {
  secret: 'A secret stands in the source or the design.',
  instruction: 'A text in the source addresses whoever reads it as a model.',
  undocumented: 'The source offers what the design does not know.',
};

export function findingRule({ kind, rule, severity }: ResultFinding): ReportingDescriptor {
  return {
    id: findingId(kind, rule),
    name: `Design${kind[0]?.toUpperCase()}${kind.slice(1)}`,
    shortDescription: { text: clip(`${findingNames[kind]}: ${rule}`, longestTitle) },
    fullDescription: { text: findingDescriptions[kind] },
    help: { text: findingDescriptions[kind] },
    defaultConfiguration: { level: levels[severity] },
    properties: { tags: ['design', kind], 'problem.severity': problemSeverity(severity) },
  };
}

export function findingResult(finding: ResultFinding, isCompared: boolean): Result {
  const { kind, rule, severity, message, file, line, fingerprint, accepted } = finding;
  return {
    ruleId: findingId(kind, rule),
    level: levels[severity],
    message: { text: clip(message, longestDescription) },
    locations: [placed(file, line, line)],
    ...identity(fingerprint),
    ...state(isCompared, accepted === null),
    suppressions: suppressed(accepted),
    properties: { severity },
  };
}

const findingId = (kind: FindingKind, rule: string) => clip(`${kind}/${rule}`, longestTitle);

const problemSeverity = (severity: Severity) =>
  severity === 'high' ? 'error' : severity === 'medium' ? 'warning' : 'recommendation';

/** Ours, under the name by which GitHub knows an alert again and under one of our own. */
const identity = (fingerprint: string) => ({
  partialFingerprints: {
    primaryLocationLineHash: `${fingerprint}:1`,
    'gatehouseFingerprint/v1': fingerprint,
  },
});

/** SARIF wants it of every result or of none. */
const state = (isCompared: boolean, isNew: boolean): Pick<Result, 'baselineState'> =>
  isCompared ? { baselineState: isNew ? 'new' : 'unchanged' } : {};

function suppressed(accepted: Requirement['accepted']): NonNullable<Result['suppressions']> {
  if (!accepted) return [];
  const until = accepted.expires === null ? '' : ` (until ${accepted.expires})`;
  return [
    { kind: 'external', status: 'accepted', justification: `${accepted.reason.toWellFormed()}${until}` },
  ];
}

const quoted = ({ file, line, end_line, quote }: Evidence): Location => placed(file, line, end_line, quote);

function placed(file: string, line: number, endLine: number, text?: string): Location {
  const snippet = text === undefined ? {} : { snippet: { text: text.toWellFormed() } };
  return {
    physicalLocation: {
      artifactLocation: { uri: toUri(file), uriBaseId: '%SRCROOT%' },
      region: { startLine: line, endLine: Math.max(line, endLine), ...snippet },
    },
  };
}

const toUri = (path: string) =>
  path
    .toWellFormed()
    .split('/')
    .map((segment) => encodeURIComponent(segment))
    .join('/');
