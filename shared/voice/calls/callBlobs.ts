import type { BlobStore } from '../../storage/blobStore.ts';
import { type CallRow, type Places, reportsContainer, transcriptsContainer } from './callRow.ts';

/** What is too long for the rows of a call: the report as received, and the transcript as text. */
export class CallBlobs {
  readonly #blobs: BlobStore;

  constructor(blobs: BlobStore) {
    this.#blobs = blobs;
  }

  async putReport({ reportBlob }: Places, report: Uint8Array): Promise<void> {
    await this.#blobs.put(reportsContainer, reportBlob, report, 'application/json');
  }

  async putTranscript({ transcriptBlob }: Places, text: Uint8Array): Promise<void> {
    await this.#blobs.put(transcriptsContainer, transcriptBlob, text, 'text/plain; charset=utf-8');
  }

  /** The transcript of a row's call; UTF-8. */
  async transcript({ transcriptBlob }: Pick<CallRow, 'transcriptBlob'>): Promise<Uint8Array | undefined> {
    return transcriptBlob === undefined ? undefined : this.#blobs.get(transcriptsContainer, transcriptBlob);
  }

  async report({ reportBlob }: Pick<CallRow, 'reportBlob'>): Promise<Uint8Array | undefined> {
    return reportBlob === undefined ? undefined : this.#blobs.get(reportsContainer, reportBlob);
  }

  async delete({ reportBlob, transcriptBlob }: Places): Promise<void> {
    await this.#blobs.delete(reportsContainer, reportBlob);
    await this.#blobs.delete(transcriptsContainer, transcriptBlob);
  }
}
