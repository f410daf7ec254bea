import type { BlobStore } from '../storage/blobStore.ts';
import { errorFields, type Logger } from '../telemetry/logger.ts';

/** A blob of JSON that an audit is cheaper with and does without: what fails is logged, as a warning. */
export interface JsonBlob {
  blobs: Pick<BlobStore, 'get' | 'put'>;
  container: string;
  name: string;
  log: Logger;
  /** Logged with a failure. */
  about?: Record<string, unknown>;
}

/** What is stored there, as `parse` reads its text; undefined where there is nothing, or `event` was logged. */
export async function readJsonBlob<T>(
  { blobs, container, name, log, about }: JsonBlob,
  event: string,
  parse: (text: string) => T,
): Promise<T | undefined> {
  try {
    const bytes = await blobs.get(container, name);
    return bytes && parse(Buffer.from(bytes).toString());
  } catch (error) {
    log.warn(event, { ...about, ...errorFields(error) });
    return undefined;
  }
}

/** Stores it, unless `event` is logged. */
export async function writeJsonBlob(
  { blobs, container, name, log, about }: JsonBlob,
  event: string,
  value: unknown,
): Promise<void> {
  try {
    await blobs.put(container, name, Buffer.from(JSON.stringify(value)), 'application/json');
  } catch (error) {
    log.warn(event, { ...about, ...errorFields(error) });
  }
}
