import type { IndexedFile } from '../retrieval/indexedFile.ts';
import type { Turns } from '../turns.ts';
import { membersOf, type TypeMembers } from './members.ts';
import { type NamedNumber, namedNumbersOf } from './numbers.ts';
import { RouteTable } from './routeTable.ts';
import { type ReadSetting, settingsOf } from './settings.ts';

/** What of a tree can be told by its form: routes, settings, types with their members, numbers with a name. */
export interface CodeStructure {
  routes: RouteTable;
  settings: readonly ReadSetting[];
  types: readonly TypeMembers[];
  numbers: readonly NamedNumber[];
}

/** Reads the structure of a tree, giving way to other work. @throws the signal's reason once it is aborted. */
export async function readStructure(files: readonly IndexedFile[], turns: Turns): Promise<CodeStructure> {
  return {
    routes: await RouteTable.build(files, turns),
    settings: await settingsOf(files, turns),
    types: await membersOf(files, turns),
    numbers: await namedNumbersOf(files, turns),
  };
}
