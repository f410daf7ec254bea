import type { ToolsStatus } from '../../shared/tools/live/status.ts';
import { type Manifest, type ToolEntry, type Tools, toolsAt } from '../../shared/tools/manifest/manifest.ts';
import type { Change } from './publication.ts';

/** What would become of each tool, for whoever has to agree. */
export function printChanges(changes: readonly Change[]): void {
  for (const { name, kind, lines, narrowed } of changes) {
    console.log(`${kind.padEnd(8)} ${name}`);
    for (const line of lines) console.log(`  ${line}`);
    for (const line of narrowed) console.log(`  ! ${line}`);
  }
}

/** What is published and where it is live. */
export function printTools(manifest: Manifest | undefined, status: ToolsStatus): void {
  if (!manifest) {
    console.log('nothing is published');
    return;
  }
  console.log(
    `sequence ${manifest.sequence} of ${manifest.createdAt}, to be loaded until ${manifest.expiresAt}`,
  );
  const { tools, next } = toolsAt(manifest, new Date());
  for (const [name, entry] of Object.entries(tools)) printTool(name, entry, status);
  if (next) printPlanned(tools, next, status);
  for (const one of manifest.deny) console.log(`  denied ${one}`);
  for (const { instance, sequence } of status.instances)
    if (sequence !== manifest.sequence) console.log(`  instance ${instance} goes by sequence ${sequence}`);
  const problems = status.instances.flatMap(({ problems }) => problems);
  for (const { at, kind, ...rest } of problems) console.log(`  ${at} ${kind} ${JSON.stringify(rest)}`);
}

function printPlanned(tools: Tools, next: NonNullable<Manifest['next']>, status: ToolsStatus): void {
  console.log(`  planned for ${next.activeFrom}:`);
  for (const [name, entry] of Object.entries(next.tools))
    if (tools[name]?.sha256 !== entry.sha256 || tools[name].version !== entry.version)
      printTool(name, entry, status);
  for (const name of Object.keys(tools))
    if (!Object.hasOwn(next.tools, name)) console.log(`  ${name} is gone`);
}

function printTool(name: string, entry: ToolEntry, { tools }: ToolsStatus): void {
  const { kind, version, sha256, publisher } = entry;
  const found = tools.find(
    (tool) => tool.name === name && tool.sha256 === sha256 && tool.version === version,
  );
  const where = found?.instances
    ? `live on ${found.instances}, ${found.calls} calls, ${found.errors} errors`
    : 'not live on any instance in use';
  console.log(
    `  ${name.padEnd(40)} ${kind.padEnd(4)} ${version}, ${sha256.slice(0, 12)}, ${publisher}: ${where}`,
  );
  for (const { instance, at, reason, message } of found?.deadLetters ?? [])
    console.log(`    does not load on ${instance}, ${at}: ${reason}, ${message}`);
}
