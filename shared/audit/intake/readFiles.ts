import type { AuditConfig } from '../../config/audit.ts';
import { pathsIn } from './design.ts';
import { finishRequest, type HeldAuditRequest, holding, type Named } from './finishRequest.ts';
import { GivenOptions } from './givenOptions.ts';
import { instanceRoom } from './memoryRoom.ts';
import { TreeBuilder } from './treeBuilder.ts';

/** Files by path, and a design: its text, or its path among them. */
export interface GivenFiles {
  files: Readonly<Record<string, string>>;
  design: string;
  question?: string | undefined;
  advice?: boolean | undefined;
}

/** Makes an audit's request of files at hand, as of an upload. @throws AppError that says what to send instead. */
export function readFiles(
  { files, design, question, advice = false }: GivenFiles,
  settings: AuditConfig,
  room = instanceRoom,
): Promise<HeldAuditRequest> {
  return holding(room.open(settings.inFlight), async (share) => {
    const options = new GivenOptions(new URLSearchParams());
    if (question !== undefined) options.give('question', question, []);
    if (advice) options.give('advice', 'true', []);
    const named: Named = { refs: [{ kind: 'either', given: design }], baseline: undefined };
    const wishes = { include: [], exclude: [], named: pathsIn(named.refs), isArchive: false };
    const builder = new TreeBuilder(settings, wishes, share);
    for (const [given, text] of Object.entries(files)) {
      const path = builder.claim(given);
      if (builder.wants(path)) await builder.add(path, text);
    }
    return finishRequest(builder, named, options);
  });
}
