import { errorAnnotation } from './ci/annotate.ts';
import { type Pipeline, readPipeline } from './ci/pipeline.ts';
import { writeOutputs } from './ci/stepOutputs.ts';
import { Failure, sentenceOf } from './failure.ts';
import { helpText } from './options/helpText.ts';
import { type Options, readOptions } from './options/readOptions.ts';
import { duration } from './output/numbers.ts';
import { plain } from './output/plainText.ts';
import { Screen } from './output/screen.ts';
import { isUnicodeTerminal, makeStyle, wantsColor } from './output/style.ts';
import { runAudit } from './runAudit.ts';

/** Of package.json, put in by the build. */
declare const commandVersion: string;

const { env, stdout, stderr } = process;

/** The key, to be masked wherever it might be printed; one of a few characters would mask words. */
function secretOf({ GATEHOUSE_KEY }: NodeJS.ProcessEnv): string | undefined {
  const key = GATEHOUSE_KEY?.trim() ?? '';
  return key.length >= 8 ? key : undefined;
}

function makeScreen(options: Options): Screen {
  const isData = options.json || options.reports.some(({ file }) => file === '-');
  const people = isData ? stderr : stdout;
  const isDrawn = Boolean(people.isTTY) && isUnicodeTerminal(env, process.platform);
  return new Screen({
    people,
    data: stdout,
    bar: stderr,
    style: makeStyle(wantsColor(options.color, people, env), isDrawn),
    quiet: options.quiet,
    secret: secretOf(env),
  });
}

/** Aborted by Ctrl-C, by the end of a pipeline's job, and when the time is up; a second Ctrl-C ends at once. */
function stopSignal({ timeoutMs }: Options): AbortController {
  const controller = new AbortController();
  const interrupt = () => {
    if (controller.signal.aborted) process.exit(2);
    controller.abort(new Failure('Interrupted.'));
  };
  process.on('SIGINT', interrupt).on('SIGTERM', interrupt);
  setTimeout(
    () => controller.abort(new Failure(`There was no verdict within ${duration(timeoutMs)} (--timeout).`)),
    timeoutMs,
  ).unref();
  return controller;
}

/** The exit code: 0 the gate passed, 1 it failed, 2 there is no verdict. */
async function main(args: readonly string[]): Promise<0 | 1 | 2> {
  if (Number.parseInt(process.versions.node, 10) < 20) {
    stderr.write(`gatehouse-audit needs Node 20 or later, and this is ${process.versions.node}.\n`);
    return 2;
  }
  let screen: Screen | undefined;
  let pipeline: Pipeline = readPipeline('auto', env);
  try {
    const line = readOptions(args);
    if (line.wants === 'help') stdout.write(helpText());
    if (line.wants === 'version') stdout.write(`${commandVersion}\n`);
    if (line.wants !== 'audit') return 0;
    const { options } = line;
    screen = makeScreen(options);
    pipeline = readPipeline(options.annotations, env);
    const { signal } = stopSignal(options);
    const cwd = process.cwd();
    return await runAudit({
      options,
      env,
      cwd,
      version: commandVersion,
      screen,
      pipeline,
      signal,
      now: Date.now,
    });
  } catch (error) {
    tellFailure(error, screen, pipeline);
    return 2;
  }
}

function tellFailure(error: unknown, screen: Screen | undefined, pipeline: Pipeline): void {
  const secret = secretOf(env);
  const sentence = secret ? sentenceOf(error).replaceAll(secret, '***') : sentenceOf(error);
  const text = sentence.split('\n').map(plain).join('\n  ');
  const style = makeStyle(wantsColor('auto', stderr, env), false);
  screen?.clearBar();
  stderr.write(`${style.red('gatehouse-audit:')} ${text}\n`);
  if (pipeline.annotations) {
    const command = errorAnnotation(sentence, pipeline.annotations);
    if (screen) screen.command(command);
    else stdout.write(`${command}\n`);
  }
  try {
    writeOutputs(pipeline, undefined, []);
  } catch {
    stderr.write('The outputs of this step cannot be written.\n');
  }
}

/** Whatever goes wrong in the command itself: 1 would say that the gate failed. */
function endWithFault(error: unknown): never {
  stderr.write(`gatehouse-audit: ${plain(sentenceOf(error))}\n`);
  process.exit(2);
}

// Who stops reading, as `| head` does, changes nothing about the verdict.
for (const stream of [stdout, stderr]) stream.on('error', () => {});
process.on('uncaughtException', endWithFault);
main(process.argv.slice(2)).then((code) => {
  process.exitCode = code;
}, endWithFault);
