import fc from 'fast-check';
import type { AuditResult } from '../../shared/audit/report/auditResult.ts';
import { finding, judged, resultOf } from './auditResults.ts';

const attacks = [
  '<script>alert(1)</script>',
  '<img src=x onerror=alert(1)>',
  '"><b>',
  "' onmouseover='x",
  ']]>',
  '<![CDATA[',
  '-->',
  '<!--',
  '--!>',
  '</td></table>',
  '</style>',
  '</script>',
  '</details>',
  '&amp;',
  '&#60;b&#62;',
  '|',
  '\\',
  '\\|',
  '`',
  '```',
  '`a\\|b`',
  '\n# title',
  '\n\n- item',
  '> quote',
  '[x](javascript:alert(1))',
  '![x](http://evil.example)',
  'https://evil.example',
  '@octocat',
  '#12',
  '$x$',
  '::error::x',
  '\n::set-env name=X::y',
  '##[error]x',
  '##vso[task.setvariable variable=x]y',
  '%0A',
  '%25',
  '%AZP25',
  ';',
  ']',
  ':',
  ',',
  '\r',
  '\u0000',
  '\u0008',
  '\u001b[31m',
  '\u2028',
  '\ufffe',
  '\ud800',
  '\u202e',
  '😀',
  'é',
];

/** Texts that try to be more than text, in any order with any other characters. */
export const hostileText = fc
  .array(fc.oneof(fc.constantFrom(...attacks), fc.string({ unit: 'binary', maxLength: 4 }), fc.string()), {
    minLength: 1,
    maxLength: 6,
  })
  .map((pieces) => pieces.join(''));

/** A result with the text in every place that comes from outside. */
export function hostileResult(text: string): AuditResult {
  const evidence = [{ file: `src/${text}.ts`, line: 3, end_line: 4, quote: text }];
  const base = { reason: text, advice: text, evidence, section: [text], design_file: text };
  const accepted = judged({ ...base, requirement: `${text} accepted`, verdict: 'missing', id: 'R3' });
  const make = (baseline?: string) =>
    resultOf(
      [
        judged({ ...base, requirement: text, verdict: 'contradicted' }),
        judged({ ...base, requirement: `${text} b`, verdict: 'partial', id: 'R2', verified: false }),
        accepted,
      ],
      {
        project: text,
        summary: text,
        engine: { name: 'azure-openai', model: text, note: 'A note.' },
        findings: [finding({ rule: text, message: text, file: text })],
        input: {
          designs: [{ path: text, text: '' }],
          question: text,
          skipped: [{ path: text, reason: text }],
          unselected: { [text]: 3 },
          secrets: [],
        },
        ...(baseline === undefined ? {} : { baseline }),
      },
    );
  const { fingerprint = '' } = make().requirements[2] ?? {};
  const entry = { fingerprint, verdict: 'missing', requirement: text, reason: `x${text}` };
  const gone = { ...entry, fingerprint: '0123456789abcdef' };
  return make(JSON.stringify({ version: 1, accepted: [entry, gone] }));
}
