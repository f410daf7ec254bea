import { createHash } from 'node:crypto';
import { createMemoryStores } from '../../shared/storage/memory/memoryStores.ts';
import { Instances } from '../../shared/tools/live/instances.ts';
import { LiveTools, type LiveToolsOptions, type ToolEvent } from '../../shared/tools/live/liveTools.ts';
import type { StartRunner } from '../../shared/tools/live/loadTool.ts';
import { OnceOnly } from '../../shared/tools/live/onceOnly.ts';
import { ToolBlobs } from '../../shared/tools/live/toolBlobs.ts';
import type { Manifest, ToolEntry } from '../../shared/tools/manifest/manifest.ts';
import {
  newKeyPair,
  readPrivateKey,
  readPublicKey,
  type SigningKey,
  signManifest,
  type TrustedKey,
} from '../../shared/tools/manifest/signing.ts';
import type { ToolContext } from '../../shared/tools/tool.ts';
import { memoryLog } from './http.ts';

/** A key that is trusted and signs. */
export function testKey(keyId = 'main'): { trusted: TrustedKey; signing: SigningKey } {
  const { privatePem, publicKey } = newKeyPair();
  return {
    trusted: { keyId, publicKey: readPublicKey(publicKey) },
    signing: { keyId, privateKey: readPrivateKey(privatePem) },
  };
}

/** An entry of a bundle, with whatever is given instead. */
export function entryOf(bundle: string, given: Partial<ToolEntry> = {}): ToolEntry {
  return {
    kind: 'code',
    version: '1',
    sha256: createHash('sha256').update(bundle).digest('hex'),
    size: Buffer.byteLength(bundle),
    publisher: 'tester',
    publishedAt: '2026-11-21T00:00:00Z',
    description: 'Does something',
    inputSchema: { type: 'object', properties: {} },
    sideEffect: false,
    timeoutMs: 1_000,
    hosts: [],
    secrets: [],
    ...given,
  };
}

export function manifestOf(
  sequence: number,
  tools: Record<string, ToolEntry>,
  given: Partial<Manifest> = {},
): Manifest {
  return {
    schema: 1,
    sequence,
    createdAt: '2026-11-21T00:00:00Z',
    expiresAt: '2027-11-21T00:00:00Z',
    deny: [],
    tools,
    ...given,
  };
}

export function toolContext(given: Partial<ToolContext> = {}): ToolContext {
  return {
    tenantId: 'acme',
    caller: undefined,
    conversationId: undefined,
    idempotencyKey: 'k',
    askedAt: new Date(0),
    now: new Date('2026-11-21T00:00:00Z'),
    log: memoryLog().log,
    ...given,
  };
}

/** Tools as an instance has them, over storage in memory. A bundle's text is what its tool answers; `broken…` does not load. */
export function toolWorld(options: Partial<LiveToolsOptions> = {}) {
  const stores = createMemoryStores();
  const blobs = new ToolBlobs(stores.blobs);
  const key = testKey();
  const events: ToolEvent[] = [];
  const retired: string[] = [];
  const clock = { now: new Date('2026-11-21T10:00:00Z') };
  const start: StartRunner = async (_name, _entry, bundle) => {
    const text = Buffer.from(bundle).toString();
    if (text.startsWith('broken')) throw new Error('does not start');
    return { run: async () => text, retire: () => retired.push(text) };
  };
  const instance = (given: Partial<LiveToolsOptions> = {}) =>
    new LiveTools({
      builtIns: [],
      keys: [key.trusted],
      deny: [],
      pollMs: 5_000,
      floor: new Instances(stores.tables),
      blobs,
      runners: { http: start, code: start },
      once: new OnceOnly(stores.tables),
      now: () => clock.now,
      report: (event) => events.push(event),
      ...options,
      ...given,
    });
  return {
    stores,
    blobs,
    key,
    events,
    retired,
    clock,
    instance,
    pass(ms: number) {
      clock.now = new Date(clock.now.getTime() + ms);
    },
    /** Stores a manifest whatever was there, with its bundles. */
    async publish(manifest: Manifest, bundles: readonly string[] = [], keys = [key.signing]) {
      for (const bundle of bundles) await blobs.putBundle(Buffer.from(bundle));
      await stores.blobs.put('tools', 'manifest.json', signManifest(manifest, keys));
    },
  };
}
