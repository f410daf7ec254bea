/** `npm run tools -- VERB …`: makes, checks, publishes and takes back tools while calls run. */
import { readSection } from '../shared/config/section.ts';
import type { Manifest } from '../shared/tools/manifest/manifest.ts';
import { toolSettings, toTools } from '../shared/tools/settings.ts';
import { readCommandLine, runCommand, UsageError } from './commandLine.ts';
import { localSettings, localStorageSettings, openStores, wakeGatehouse } from './gatehouse.ts';
import { develop, printDevState, stopDev } from './tools/develop.ts';
import { makeTool } from './tools/makeTool.ts';
import { changeOf, entryOf } from './tools/publication.ts';
import { Publisher } from './tools/publisher.ts';
import { printChanges, printTools } from './tools/show.ts';
import { newSigningKey, signingKey, trustSetting } from './tools/signingKey.ts';
import { type BuiltTool, buildTools } from './tools/toolSource.ts';
import { tryTool } from './tools/trialRun.ts';

const usage = `usage: npm run tools -- new NAME             writes NAME.tool.ts, a tool to begin with
       npm run tools -- check PATH…          builds tools and says what is wrong with them
       npm run tools -- test PATH…           makes their example calls; with --input one real call
       npm run tools -- publish PATH…        signs and publishes them, and waits until they are live
       npm run tools -- remove NAME…         takes them away
       npm run tools -- rollback [SEQUENCE]  goes back to what was published before
       npm run tools -- deny NAME|SHA256…    nothing of that name or hash runs any more; allow takes it back
       npm run tools -- list                 what is published, and where it is live
       npm run tools -- keys                 makes a key to sign with, and the setting that trusts it
       npm run tools -- dev FOLDER           publishes to the running npm start whenever a file changes

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

async function settle(publisher: Publisher, sequence: number): Promise<void> {
  const wait = seconds(values.wait, 'wait') + (values.in === undefined ? 0 : seconds(values.in, 'in'));
  const { live, late } = await publisher.settled(sequence, wait * 1_000, wakeGatehouse);
  console.log(`published sequence ${sequence}`);
  if (late.length > 0)
    throw new Error(`Not live after ${wait} s on ${late.length} of ${live} instances: ${late.join(', ')}`);
  console.log(
    live > 0
      ? `live on ${live} instance${live > 1 ? 's' : ''}`
      : 'no instance is in use; the next one that is takes it',
  );
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
  const { manifest } = await publisher.read();
  const marks = imprint();
  const changes = built.map(({ name, draft }) =>
    changeOf(name, manifest?.tools[name], entryOf(draft, { ...marks, publisher: '' })),
  );
  printChanges(changes);
  if (changes.every(({ kind }) => kind === 'same')) {
    console.log('nothing to publish');
    return;
  }
  if (changes.some(({ narrowed }) => narrowed.length > 0) && !values.force)
    throw new Error(
      'Calls under way were told of the old schema. Widen the new one, choose a new name, or add --force.',
    );
  if (!values['dry-run']) await settle(publisher, await publisher.replace(built, [], marks));
}

/** Changes what is published without building anything. */
async function change(
  make: (manifest: Manifest) => Partial<Pick<Manifest, 'tools' | 'deny'>>,
): Promise<void> {
  const publisher = await openPublisher();
  const sequence = await publisher.change(({ manifest }) => {
    if (!manifest) throw new Error('Nothing is published yet.');
    return make(manifest);
  }, imprint());
  await settle(publisher, sequence);
}

const known = (tools: Record<string, unknown>, names: readonly string[]) => {
  const missing = names.find((name) => !Object.hasOwn(tools, name));
  if (missing !== undefined) throw new Error(`There is no published tool "${missing}".`);
};

const verbs: Readonly<Record<string, (given: readonly string[]) => unknown>> = {
  new: ([name = '']) => console.log(`wrote ${makeTool(name, process.env.INIT_CWD ?? '.')}`),
  async check(paths) {
    for (const { name, draft } of await buildTools(paths))
      console.log(`right ${name}: ${draft.kind}, ${draft.size} bytes, ${draft.sha256.slice(0, 12)}`);
  },
  test: async (paths) => test(await buildTools(paths)),
  publish: async (paths) => publish(await buildTools(paths)),
  remove: (names) =>
    change(({ tools }) => {
      known(tools, names);
      return { tools: Object.fromEntries(Object.entries(tools).filter(([name]) => !names.includes(name))) };
    }),
  async rollback([given]) {
    const publisher = await openPublisher();
    const { manifest } = await publisher.read();
    if (!manifest) throw new Error('Nothing is published yet.');
    const past = await publisher.past(given === undefined ? manifest.sequence - 1 : Number(given));
    const names = [...new Set([...Object.keys(manifest.tools), ...Object.keys(past.tools)])].sort();
    printChanges(names.map((name) => changeOf(name, manifest.tools[name], past.tools[name])));
    if (values['dry-run']) return;
    await settle(publisher, await publisher.change(() => ({ tools: past.tools }), imprint()));
  },
  deny: (given) => change(({ deny }) => ({ deny: [...new Set([...deny, ...given])] })),
  allow: (given) => change(({ deny }) => ({ deny: deny.filter((one) => !given.includes(one)) })),
  async list() {
    const publisher = await openPublisher();
    printTools((await publisher.read()).manifest, await publisher.status());
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
