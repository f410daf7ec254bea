import type { ToolsStatus } from '../../shared/tools/live/status.ts';
import type { Manifest } from '../../shared/tools/manifest/manifest.ts';
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
  for (const [name, { kind, version, sha256, publisher }] of Object.entries(manifest.tools)) {
    const live = status.tools.find((tool) => tool.name === name && tool.sha256 === sha256);
    const where = live
      ? `live on ${live.instances}, ${live.calls} calls, ${live.errors} errors`
      : 'not live on any instance in use';
    console.log(
      `  ${name.padEnd(40)} ${kind.padEnd(4)} ${version}, ${sha256.slice(0, 12)}, ${publisher}: ${where}`,
    );
  }
  for (const one of manifest.deny) console.log(`  denied ${one}`);
  for (const { instance, sequence } of status.instances)
    if (sequence !== manifest.sequence) console.log(`  instance ${instance} goes by sequence ${sequence}`);
  const problems = status.instances.flatMap(({ problems }) => problems);
  for (const { at, kind, ...rest } of problems) console.log(`  ${at} ${kind} ${JSON.stringify(rest)}`);
}
