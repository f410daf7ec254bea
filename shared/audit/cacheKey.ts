import { createHash } from 'node:crypto';
import type { TokenEncoding } from '../config/audit.ts';
import { contentHash } from './contentHash.ts';
import type { AuditEngine, EngineOptions } from './engines/engine.ts';
import type { AuditInput } from './sourceTree.ts';

/** Raise it when what is stored under a key changes its shape. */
const formatVersion = 4;

const sha256 = (text: string) => createHash('sha256').update(text).digest('hex');

/**
 * The SHA-256 under which an answer is cached. It covers everything that shapes the answer: engine (with model, prompt
 * and schema versions), token encoding, every path and content, the design, and what is asked beside it. Fields are framed by
 * JSON, so no content can imitate another field.
 */
export function cacheKey(
  input: AuditInput,
  { advice }: EngineOptions,
  engine: Pick<AuditEngine, 'fingerprint'>,
  encoding: TokenEncoding,
): string {
  return sha256(
    JSON.stringify([
      formatVersion,
      engine.fingerprint,
      encoding,
      input.files.map((file) => [file.path, contentHash(file)]),
      input.designs.map((file) => [file.path, contentHash(file)]),
      input.question ?? null,
      advice,
    ]),
  );
}
