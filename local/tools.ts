/** `npm run tools -- VERB …`: makes, checks, publishes and takes back tools while calls run. */
import { readSection } from '../shared/config/section.ts';
import { isDenied, type Manifest, toolsAt } from '../shared/tools/manifest/manifest.ts';
import { toolSettings, toTools } from '../shared/tools/settings.ts';
import { readCommandLine, runCommand, UsageError } from './commandLine.ts';
import { localSettings, localStorageSettings, openStores, wakeGatehouse } from './gatehouse.ts';
import type { BuiltTool } from './tools/builtTool.ts';
import { toAllow, toDeny } from './tools/denyList.ts';
import { develop, printDevState, stopDev } from './tools/develop.ts';
import { makeTool } from './tools/makeTool.ts';
import { changeOf, changesOf, entryOf, type Make } from './tools/publication.ts';
import { type Expected, type Published, Publisher } from './tools/publisher.ts';
import { printChanges, printTools } from './tools/show.ts';
import { newSigningKey, signingKey, trustSetting } from './tools/signingKey.ts';
import { buildTools } from './tools/toolSource.ts';
import { tryTool } from './tools/trialRun.ts';

const usage = `usage: npm run tools -- new NAME             writes NAME.tool.ts, a tool to begin with
       npm run tools -- check PATH…          builds tools and says what is wrong with them
       npm run tools -- test PATH…           makes their example calls; with --input one real call
       npm run tools -- publish PATH…        signs and publishes them, and waits until they are live
       npm run tools -- remove NAME…         takes them away
       npm run tools -- rollback [SEQUENCE]  goes back to the tools there were before
       npm run tools -- deny NAME|SHA256…    nothing of that name or hash runs any more; allow takes it back
       npm run tools -- list                 what is published, and where it is live
       npm run tools -- keys                 makes a key to sign with, and the setting that trusts it
       npm run tools -- dev FOLDER           publishes whenever a file of it changes

  PATH is a file, or a folder with files named NAME.tool.ts, .tool.js or .tool.json.

  --input JSON    of test: arguments to call the one tool with; what it changes elsewhere is changed
  --version V     the publisher's word for what is published; default: the time
  --force         publish though a schema no longer takes what calls under way may send
  --dry-run       show what would change
  --in SECONDS    load it everywhere first, and use it everywhere from then on
  --wait SECONDS  longest wait for the instances; default 60
  --interval S    of dev: how often the folder is looked at; default 2
  --once          of dev: look once
  --status        of dev: what the one that runs has seen
  --stop          of dev: end the one that runs`;

const { values, positionals } = readCommandLine(
  usage,
  {
    input: { type: 'string' },
    version: { type: 'string' },
    force: { type: 'boolean', default: false },
    'dry-run': { type: 'boolean', default: false },
    in: { type: 'string' },
    wait: { type: 'string', default: '60' },
    interval: { type: 'string', default: '2' },
    once: { type: 'boolean', default: false },
    status: { type: 'boolean', default: false },
    stop: { type: 'boolean', default: false },
  },
  true,
);

function seconds(text: string, option: string): number {
  const value = Number(text);
  if (!(value >= 0 && value <= 86_400)) throw new UsageError(`--${option} must be a number of seconds.`);
  return value;
}

function imprint() {
  const now = new Date();
  const version = values.version ?? now.toISOString().slice(0, 19).replace('T', ' ');
  const activeFrom =
    values.in === undefined ? undefined : new Date(now.getTime() + seconds(values.in, 'in') * 1_000);
  return { version, now, ...(activeFrom ? { activeFrom } : {}) };
}

async function openPublisher(): Promise<Publisher> {
  const key = signingKey(process.env);
  const given = process.env.GATEHOUSE_TOOL_KEYS;
  const read = readSection(toolSettings, toTools, given ? { GATEHOUSE_TOOL_KEYS: given } : {});
  if (!read.ok) throw new Error(`GATEHOUSE_TOOL_KEYS ${read.problems[0]?.problem}`);
  const publisher = process.env.GATEHOUSE_TOOL_PUBLISHER ?? process.env.USER ?? key.keyId;
  return new Publisher(await openStores(localStorageSettings()), key, read.value.keys, publisher);
}

async function settle(
  publisher: Publisher,
  sequence: number,
  expected: readonly Expected[] = [],
): Promise<void> {
  console.log(`published sequence ${sequence}`);
  const waitS = seconds(values.wait, 'wait') + (values.in === undefined ? 0 : seconds(values.in, 'in'));
  const { live, late, refused } = await publisher.settled(sequence, waitS * 1_000, wakeGatehouse, expected);
  if (refused.length > 0)
    throw new Error(`Not live, and what was there before is still there:\n  ${refused.join('\n  ')}`);
  if (late.length > 0)
    throw new Error(`Not live after ${waitS} s on ${late.length} of ${live} instances: ${late.join(', ')}`);
  console.log(
    live > 0
      ? `live on ${live} instance${live > 1 ? 's' : ''}`
      : 'no instance says that it is in use; the next one that takes published tools takes these',
  );
}

/** What is published. @throws Error where nothing is, or no app would take what is there. */
async function readPublished(publisher: Publisher): Promise<Published & { manifest: Manifest }> {
  const published = await publisher.read();
  const { manifest, problem } = published;
  if (!manifest) throw new Error(problem ?? 'Nothing is published yet.');
  return { ...published, manifest };
}

async function test(built: readonly BuiltTool[]): Promise<void> {
  for (const { name, examples } of built)
    console.log(
      examples > 0
        ? `passed   ${name}: ${examples} example call${examples > 1 ? 's' : ''}`
        : `untested ${name}: it has no selfTest`,
    );
  if (values.input === undefined) return;
  const [tool, ...more] = built;
  if (!tool || more.length > 0) throw new UsageError('--input is for one tool: name its file.');
  const began = performance.now();
  const outcome = await tryTool(tool, values.input, localSettings());
  const after = `after ${Math.round(performance.now() - began)} ms`;
  if (!outcome.ok) throw new Error(`refused  ${tool.name}, ${after}; the model is told:\n${outcome.error}`);
  const said = typeof outcome.result === 'string' ? outcome.result : JSON.stringify(outcome.result);
  console.log(`answered ${tool.name}, ${after}:\n${said}`);
}

async function publish(built: readonly BuiltTool[]): Promise<void> {
  const publisher = await openPublisher();
  const published = await publisher.read();
  const marks = imprint();
  const { tools } = toolsAt(published.manifest, marks.now);
  const changes = built.map(({ name, draft }) =>
    changeOf(name, tools[name], entryOf(draft, { ...marks, publisher: '' })),
  );
  printChanges(changes);
  if (!published.problem && changes.every(({ kind }) => kind === 'same')) {
    if (!values['dry-run']) await publisher.store(built);
    console.log('nothing to publish');
    return;
  }
  if (changes.some(({ narrowed }) => narrowed.length > 0) && !values.force)
    throw new Error(
      'Calls under way were told of the old schema. Widen the new one, choose a new name, or add --force.',
    );
  if (values['dry-run']) return;
  const sequence = await publisher.replace(built, [], marks, published);
  const expected = built.map(({ name, draft: { sha256 } }) => ({ name, sha256 }));
  await settle(publisher, sequence, expected);
  if (changes.some(({ kind }) => kind === 'new'))
    console.log('an assistant has a new tool once its tenant names it in tools.functions');
}

/** Changes what is published without building anything. */
async function change(plan: (manifest: Manifest) => Make): Promise<void> {
  const publisher = await openPublisher();
  const published = await readPublished(publisher);
  const sequence = await publisher.change(plan(published.manifest), imprint(), published);
  await settle(publisher, sequence);
}

/** What a rollback without a sequence goes back to: what there is, where something is planned, else what there was. */
const earlier = (publisher: Publisher, manifest: Manifest | undefined, now: Date) =>
  manifest && toolsAt(manifest, now).next ? manifest : manifest && publisher.before(manifest, now);

async function rollback(given: string | undefined): Promise<void> {
  const publisher = await openPublisher();
  const published = given === undefined ? await readPublished(publisher) : await publisher.read();
  const { manifest } = published;
  const { now } = imprint();
  const current = toolsAt(manifest, now);
  const past =
    given === undefined ? await earlier(publisher, manifest, now) : await publisher.past(Number(given));
  if (!past)
    throw new Error(
      'There is nothing to go back to: no other tools were published before. remove takes tools away.',
    );
  const wanted = toolsAt(past, now);
  const changes = changesOf(current.tools, wanted.tools).filter(({ kind }) => kind !== 'same');
  const deny = manifest?.deny ?? past.deny;
  console.log(`back to sequence ${past.sequence} of ${past.createdAt}`);
  printChanges(changes);
  if (current.next) console.log(`what was planned for ${current.next.activeFrom} is taken back`);
  if (deny.length > 0) console.log(`still denied: ${deny.join(', ')}`);
  if (values['dry-run']) return;
  const sequence = await publisher.restore(past, now, published);
  const expected = changes.flatMap(({ name }) => {
    const entry = wanted.tools[name];
    return entry && !isDenied(name, entry, deny) ? [{ name, sha256: entry.sha256 }] : [];
  });
  await settle(publisher, sequence, expected);
}

const verbs: Readonly<Record<string, (given: readonly string[]) => unknown>> = {
  new: ([name = '']) => console.log(`wrote ${makeTool(name, process.env.INIT_CWD ?? '.')}`),
  async check(paths) {
    for (const { name, draft } of await buildTools(paths))
      console.log(`right ${name}: ${draft.kind}, ${draft.size} bytes, ${draft.sha256.slice(0, 12)}`);
  },
  test: async (paths) => test(await buildTools(paths)),
  publish: async (paths) => publish(await buildTools(paths)),
  remove: (names) =>
    change(({ tools, next }) => {
      const missing = names.find((name) => !Object.hasOwn({ ...tools, ...next?.tools }, name));
      if (missing !== undefined) throw new Error(`There is no published tool "${missing}".`);
      return (now) => ({
        tools: Object.fromEntries(Object.entries(now.tools).filter(([name]) => !names.includes(name))),
      });
    }),
  rollback: ([given]) => rollback(given),
  deny: (given) =>
    change((manifest) => {
      const more = toDeny(given, manifest);
      return ({ deny }) => ({ deny: [...new Set([...deny, ...more])] });
    }),
  allow: (given) =>
    change((manifest) => {
      const deny = toAllow(given, manifest.deny);
      return () => ({ deny });
    }),
  async list() {
    const publisher = await openPublisher();
    const { manifest, problem } = await publisher.read();
    if (problem) console.log(problem);
    else printTools(manifest, await publisher.status());
  },
  keys([keyId = '']) {
    const { key, pem } = newSigningKey(keyId || `key-${new Date().toISOString().slice(0, 10)}`);
    console.log(
      `GATEHOUSE_TOOL_KEYS=${trustSetting(key)}\nGATEHOUSE_TOOL_SIGNING_KEY_ID=${key.keyId}\n${pem}`,
    );
    console.error('The first line is for the app; the rest is for whoever publishes, and for nobody else.');
  },
  async dev([folder]) {
    if (values.status) return printDevState();
    if (values.stop) return stopDev();
    if (folder === undefined) throw new UsageError(usage);
    const intervalS = seconds(values.interval, 'interval');
    return develop(folder, await openPublisher(), { intervalS, once: values.once });
  },
};

const needsArgument = ['new', 'check', 'test', 'publish', 'remove', 'deny', 'allow'];

runCommand(async () => {
  const [verb = '', ...given] = positionals;
  const run = Object.hasOwn(verbs, verb) ? verbs[verb] : undefined;
  if (!run || (needsArgument.includes(verb) && given.length === 0)) throw new UsageError(usage);
  await run(given);
});
