import { createHash } from 'node:crypto';
import type { AuditResult } from '../auditResult.ts';
import { version } from '../version.ts';
import { changes } from './changes.ts';
import { findings } from './findings.ts';
import { header } from './header.ts';
import { leftOut } from './leftOut.ts';
import { html, Markup } from './markup.ts';
import { overview } from './overview.ts';
import { requirements } from './requirements.ts';
import { script } from './script.ts';
import { style } from './style.ts';
import { tokens } from './tokens.ts';

const hash = (text: string) => `'sha256-${createHash('sha256').update(text).digest('base64')}'`;

/** Nothing is loaded, and nothing runs or styles but what we wrote ourselves. */
const policy = `default-src 'none'; style-src ${hash(style)}; script-src ${hash(script)}; img-src data:; base-uri 'none'; form-action 'none'`;

/** The result as one page that needs nothing else: opened from a disk, sent by mail, printed. */
export function toHtml(result: AuditResult): string {
  const { project, audit_id, answered_at, gate } = result;
  const name = project === null ? 'Design audit' : `${project}: design audit`;
  const outcome = gate.fail_on === 'none' ? '' : gate.passed ? ' passed' : ' failed';
  return html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${policy}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta name="referrer" content="no-referrer">
<link rel="icon" href="data:,">
<title>${name}${outcome}</title>
<style>${new Markup(style)}</style>
<script>${new Markup(script)}</script>
</head>
<body>
<a class="skip" href="#requirements">To the requirements</a>
<div class="wrap">
${header(result)}
<main>
${[overview, requirements, findings, changes, tokens, leftOut].map((part) => part(result))}
</main>
<footer>
<p>Written by Gatehouse ${version}. The engine answered at ${answered_at}.</p>
<p>Audit <code>${audit_id}</code></p>
</footer>
</div>
</body>
</html>
`.text;
}
