import type { BuiltTool } from '../../../local/tools/builtTool.ts';
import { Publisher } from '../../../local/tools/publisher.ts';
import { createMemoryStores } from '../../../shared/storage/memory/memoryStores.ts';
import type { TrustedKey } from '../../../shared/tools/manifest/signing.ts';
import { entryOf as entry, testKey } from '../../support/publishedTools.ts';

/** A tool as it is built, whose bundle is a text. */
export function builtTool(name: string, bundle: string): BuiltTool {
  const { version: _v, publisher: _p, publishedAt: _at, ...draft } = entry(bundle);
  return { name, draft, bundle: Buffer.from(bundle), inputs: [], examples: 0 };
}

export const imprint = { version: 'v1', now: new Date('2026-11-21T10:00:00Z') };

/** Storage in memory, and those who publish to it. */
export function publishing() {
  const stores = createMemoryStores();
  const key = testKey();
  const publisher = (by = key, trusted: TrustedKey[] = []) =>
    new Publisher(stores, by.signing, trusted, 'ann');
  return { stores, key, publisher };
}
