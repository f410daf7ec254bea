import { toolsAt } from '../../shared/tools/manifest/manifest.ts';
import type { DevFolder } from './devFolder.ts';
import type { Look } from './look.ts';
import type { Publisher } from './publisher.ts';

/**
 * Publishes what a look at a folder found, as far as it is not published already, and nothing else: what somebody has
 * taken away or put back meanwhile stays so. Gives the sequence of it; undefined where there was nothing to publish.
 * @throws Error where what is published counts for nothing.
 */
export async function publishLook(
  folder: Pick<DevFolder, 'tools'>,
  { new: added, changed, gone }: Look,
  publisher: Publisher,
): Promise<number | undefined> {
  if (added.length + changed.length + gone.length === 0) return undefined;
  const now = new Date();
  const seen = await publisher.read();
  const published = seen.manifest ? toolsAt(seen.manifest, now).tools : {};
  const found = folder.tools.filter(({ name }) => added.includes(name) || changed.includes(name));
  const tools = found.filter(({ name, draft }) => published[name]?.sha256 !== draft.sha256);
  const isGone = gone.some((name) => Object.hasOwn(published, name));
  if (tools.length === 0 && !isGone && !seen.problem) return undefined;
  return publisher.replace(tools, gone, { version: 'dev', now }, seen);
}
