import type { Requirement } from '../verdict.ts';
import type { AuditResult } from './auditResult.ts';
import type { TokenReport } from './tokenReport.ts';

/** Text from outside inside a table cell or line: no markup of its own but the code marks it came with. */
function plain(text: string): string {
  return text
    .replace(/\s+/g, ' ')
    .split(/((?<!`)`[^`]+`(?!`))/)
    .map((piece, i) =>
      i % 2 === 1 ? piece.replaceAll('|', '\\|') : piece.replace(/[\\|*_[\]<>#~`]/g, '\\$&'),
    )
    .join('')
    .trim();
}

/** Text as inline code; the fence is longer than any run of backticks in it. */
function code(text: string): string {
  const line = text.replace(/\s+/g, ' ').trim();
  const longest = Math.max(0, ...(line.match(/`+/g) ?? []).map((run) => run.length));
  const fence = '`'.repeat(longest + 1);
  const pad = longest > 0 ? ' ' : '';
  return `${fence}${pad}${line.replaceAll('|', '\\|')}${pad}${fence}`;
}

const longestShown = 90;
const whole = (n: number) => n.toLocaleString('en-US');
const verdictNames = {
  implemented: 'implemented',
  partial: 'partial',
  missing: 'missing',
  contradicted: 'contradicted',
  not_assessable: 'not assessable',
};

/** The result as a report for people. */
export function toMarkdown(result: AuditResult): string {
  return [audit(result), tokens(result.token_report), caching(result.token_report), leftOut(result)]
    .filter(Boolean)
    .join('\n\n---\n\n')
    .concat('\n');
}

function audit({
  date,
  design,
  engine,
  question,
  summary,
  counts,
  requirements,
  token_report,
}: AuditResult): string {
  const shown = Object.entries(counts).filter(([, count]) => count > 0);
  return `# Audit Report

- **Date:** ${date}
- **Files Analyzed:** ${token_report.file_count}
- **Design:** ${plain(design)}
- **Engine:** ${engine.name}${engine.model ? ` (${plain(engine.model)})` : ''}

> ${engine.note}

${question === null ? '' : `**Question:** ${plain(question)}\n\n`}${plain(summary)}

## 1. Requirements

${shown.map(([verdict, count]) => `**${count}** ${verdictNames[verdict as keyof typeof verdictNames]}`).join(' · ')}

| ID | Requirement | Verdict | Evidence |
| :--- | :--- | :--- | :--- |
${requirements.map(row).join('\n')}`;
}

function row({ id, requirement, verdict, evidence, reason }: Requirement): string {
  const places = evidence
    .map(
      ({ file, line, quote }) =>
        `${code(`${file}:${line}`)} ${code(quote.length > longestShown ? `${quote.slice(0, longestShown - 1)}…` : quote)}`,
    )
    .join('<br>');
  return `| ${id} | ${plain(requirement)} | **${verdictNames[verdict]}** | ${places || plain(reason)} |`;
}

function tokens(report: TokenReport): string {
  const sent = report.model_called
    ? `| **Actual Input** | ${whole(report.actual_input_tokens_used)} | Input tokens as the model service counted them. |\n`
    : '';
  return `# Token Usage & Optimization Report

## 2. Comparison: JSON vs. TOON (Input Optimization)

Both forms are counted in ${report.encoding} and include system prompt and design. TOON stands for the separator format: each
file as it is, after a header line of its own.

| Metric | Token Count | Notes |
| :--- | ---: | :--- |
| **Baseline (JSON Input)** | ${whole(report.json_input_tokens)} | What indented JSON would need. |
| **Optimized (TOON Input)** | ${whole(report.toon_input_tokens_calculated)} | ${report.model_called ? 'The separator format that was sent.' : 'The separator format; counted, as no model was called.'} |
${sent}| **Tokens Saved** | **${whole(report.tokens_saved)}** | Reduction per analysis run. |
| **Reduction Rate** | **${report.reduction_rate.toFixed(2)}%** | Efficiency gain from the separator format. |`;
}

function caching(report: TokenReport): string {
  const cached = report.azure_cached_tokens > 0;
  const impact = cached
    ? 'Reduced latency and input cost.'
    : report.model_called
      ? 'Full processing required.'
      : 'No model was called.';
  return `## 3. Comparison: Caching Strategies (Runtime Optimization)

### 3.1 Local Cache

Whether exactly this audit has been answered before.

| Metric | Value |
| :--- | :--- |
| **Status** | ${report.local_cache_hit ? 'HIT (Free)' : report.model_called ? 'MISS (API Called)' : 'MISS (no model called)'} |
| **Gross Tokens (Work Done)** | ${whole(report.gross_tokens)} |
| **Net Tokens Billed** | **${whole(report.total_tokens_billed)}** |

### 3.2 Azure Prompt Cache

How much of the prompt the model service had cached; different questions about one tree share it.

| Metric | Value |
| :--- | :--- |
| **Azure Cached Tokens** | **${whole(report.azure_cached_tokens)}** |
| **Status** | ${promptCacheStatus(report)} |
| **Impact** | ${impact} |`;
}

function promptCacheStatus({ azure_cached_tokens, model_called }: TokenReport): string {
  if (azure_cached_tokens > 0) return 'Active (Tokens Read from Cache)';
  return model_called ? 'Inactive (First Request or Not Supported)' : 'Not used (no model called)';
}

function leftOut({ skipped_files, unselected_files }: AuditResult): string {
  const skipped = skipped_files.map(({ path, reason }) => `- ${code(path)}: ${plain(reason)}`);
  const unselected = Object.entries(unselected_files).map(
    ([reason, count]) => `${whole(count)} ${code(reason)}`,
  );
  if (skipped.length + unselected.length === 0) return '';
  const others = unselected.length > 0 ? [`- No source by the settings: ${unselected.join(', ')}`] : [];
  return `## 4. Files left out\n\n${[...skipped, ...others].join('\n')}`;
}
