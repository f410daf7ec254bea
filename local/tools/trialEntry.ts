import { LoadFailure } from '../../shared/tools/live/loadFailure.ts';
import { manifestSchema, type ToolEntry } from '../../shared/tools/manifest/manifest.ts';
import { faultAt } from '../../shared/tools/tool.ts';
import { builtInToolNames } from '../../shared/voice/tools/builtInNames.ts';
import type { Draft } from './builtTool.ts';
import { entryOf, nextManifest } from './publication.ts';

/**
 * The entry of a tool as an app would read it: one that a manifest cannot hold would have the whole manifest refused.
 * @throws LoadFailure `definition`, or `built-in` for a name that is taken.
 */
export function trialEntry(name: string, draft: Draft): ToolEntry {
  if (builtInToolNames.includes(name))
    throw new LoadFailure('built-in', `"${name}" is a tool of the deployment, which cannot be replaced.`);
  const now = new Date();
  const entry = entryOf(draft, { version: '-', publisher: '-', now });
  const read = manifestSchema.safeParse(
    nextManifest(undefined, () => ({ tools: { [name]: entry } }), { now }),
  );
  const tool = read.data?.tools[name];
  if (tool) return tool;
  const faults = read.error?.issues.map(({ path, message, code, ...issue }) =>
    code === 'invalid_key' && 'issues' in issue
      ? `The name "${name}" ${issue.issues[0]?.message}`
      : faultAt(path.slice(2).join('.'), message),
  );
  throw new LoadFailure('definition', (faults ?? []).join('; '));
}
