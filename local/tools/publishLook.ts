import { toolsAt } from '../../shared/tools/manifest/manifest.ts';
import type { DevFolder } from './devFolder.ts';
import type { Look } from './look.ts';
import type { Expected, Publisher } from './publisher.ts';

/**
 * Publishes what a look at a folder found, as far as it is not published already, and nothing else: what somebody has
 * taken away or put back meanwhile stays so. Gives the sequence of it, undefined where there was nothing to publish, and the
 * versions that are to be live.
 * @throws Error where what is published counts for nothing.
 */
export async function publishLook(
  folder: Pick<DevFolder, 'tools'>,
  { new: added, changed, gone }: Look,
  publisher: Publisher,
): Promise<{ sequence: number | undefined; expected: Expected[] }> {
  const nothing = { sequence: undefined, expected: [] };
  if (added.length + changed.length + gone.length === 0) return nothing;
  const now = new Date();
  const seen = await publisher.read();
  const { tools: published } = toolsAt(seen.manifest, now);
  const found = folder.tools.filter(({ name }) => added.includes(name) || changed.includes(name));
  const tools = found.filter(({ name, draft }) => published[name]?.sha256 !== draft.sha256);
  const isGone = gone.some((name) => Object.hasOwn(published, name));
  if (tools.length === 0 && !isGone && !seen.problem) return nothing;
  const sequence = await publisher.replace(tools, gone, { version: 'dev', now }, seen);
  return { sequence, expected: tools.map(({ name, draft: { sha256 } }) => ({ name, sha256 })) };
}
