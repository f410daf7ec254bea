import { annotationLines } from './ci/annotate.ts';
import type { Pipeline } from './ci/pipeline.ts';
import { inRepository, repositoryPaths, sarifInRepository, type ToRepository } from './ci/repositoryPaths.ts';
import { writeOutputs, writeSummary } from './ci/stepOutputs.ts';
import { type Gathered, gather, outsideNames } from './gather.ts';
import type { Options } from './options/readOptions.ts';
import type { ReportName, WantedReport } from './options/reports.ts';
import { bytes, duration } from './output/numbers.ts';
import { ProgressLine } from './output/progress.ts';
import type { Screen } from './output/screen.ts';
import { row } from './output/table.ts';
import { writeReports } from './output/writeReports.ts';
import { estimateText, readEstimate } from './result/estimate.ts';
import { readReportTexts, readResult } from './result/readResult.ts';
import { printGate, printSummary } from './result/summary.ts';
import { type Answered, askAudit } from './service/askAudit.ts';
import { makeSubmission } from './service/auditQuery.ts';
import { Client } from './service/client.ts';
import { readService } from './service/serviceAddress.ts';

/** An archive of this size is audited as a job: its audit takes long enough to be watched. */
const jobBytes = 2 * 1024 * 1024;

export interface RunSettings {
  options: Options;
  env: NodeJS.ProcessEnv;
  cwd: string;
  version: string;
  screen: Screen;
  pipeline: Pipeline;
  /** Aborted when the time is up or somebody interrupts. */
  signal: AbortSignal;
  now: () => number;
}

/** Audits, prints and writes what was asked for. Gives the exit code: 0 where the gate passed, else 1. @throws Failure */
export async function runAudit(settings: RunSettings): Promise<0 | 1> {
  const { options, env, cwd, version, screen, pipeline, signal, now } = settings;
  const service = readService(options.url ?? env.GATEHOUSE_URL, env.GATEHOUSE_KEY, options.allowHttp);
  const started = now();
  const progress = new ProgressLine(screen, now);
  try {
    const gathered = await gather(options, cwd, screen, progress);
    const submission = makeSubmission({
      options,
      archive: gathered.packed.archive,
      designs: gathered.designs,
      baseline: gathered.baseline,
      reports: options.estimate ? [] : wantedNames(options, pipeline),
    });
    row(screen, 'Upload', `${bytes(submission.body.length)} to ${service.endpoint.host}`);
    const client = new Client({
      service,
      agent: `gatehouse-audit/${version}`,
      signal,
      deadline: started + options.timeoutMs,
      now,
      onWait: (sentence) => screen.line(`  ${screen.style.yellow(sentence)}`),
    });
    const asJob = options.async || submission.body.length >= jobBytes;
    progress.show({ what: 'sending', isBrief: true });
    const answered = await askAudit({
      client,
      submission,
      asJob: asJob && !options.estimate,
      progress,
      signal,
      now,
    });
    progress.stop();
    if (options.estimate) return printEstimate(screen, options, answered);
    return await present(settings, gathered, answered, now() - started);
  } finally {
    progress.stop();
  }
}

/** Names of the reports the service is asked for; the result itself is the JSON. */
function wantedNames({ reports }: Options, { annotations, summaryFile }: Pipeline): ReportName[] {
  const names = new Set(reports.map(({ name }) => name).filter((name) => name !== 'json'));
  if (annotations) names.add(annotations);
  if (summaryFile) names.add('comment');
  return [...names];
}

function printEstimate(screen: Screen, { json }: Options, { result }: Answered): 0 {
  const estimate = readEstimate(result);
  if (json) screen.json(estimate);
  screen.always(`Estimate: ${estimateText(estimate)}`);
  return 0;
}

async function present(
  { options, screen, pipeline }: RunSettings,
  gathered: Gathered,
  answered: Answered,
  ms: number,
): Promise<0 | 1> {
  const result = readResult(answered.result);
  const toRepository = repositoryPaths(gathered.tree.prefix, outsideNames(gathered));
  const texts = reportTexts(answered, toRepository);
  printSummary(screen, result, options.verbose);
  row(screen, 'Took', duration(ms));
  if (options.json) screen.json(result);
  if (pipeline.annotations)
    for (const line of annotationLines(texts.get(pipeline.annotations) ?? '', pipeline.annotations))
      screen.command(line);
  let written: WantedReport[] = [];
  try {
    written = await writeReports(options.reports, texts, screen);
    if (written.length > 0) row(screen, 'Reports', written.map(({ file }) => file).join(', '));
  } finally {
    printGate(screen, result);
  }
  writeSummary(pipeline, texts.get('comment'));
  writeOutputs(pipeline, result, written);
  return result.gate.passed === true ? 0 : 1;
}

/** The reports by name, with paths as pipelines know them where pipelines read them. */
function reportTexts({ result, reports }: Answered, toRepository: ToRepository): Map<string, string> {
  const texts = readReportTexts(reports);
  texts.set('json', `${JSON.stringify(result, null, 2)}\n`);
  const rewrite = (name: ReportName, change: (text: string) => string) => {
    const text = texts.get(name);
    if (text !== undefined) texts.set(name, change(text));
  };
  rewrite('sarif', (text) => sarifInRepository(text, toRepository));
  rewrite('github', (text) => inRepository(text, 'github', toRepository));
  rewrite('azure', (text) => inRepository(text, 'azure', toRepository));
  return texts;
}
