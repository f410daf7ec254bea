import type { BlobStore } from '../../storage/blobStore.ts';

const container = 'tools-journal';
/** A blob takes 50,000 additions. */
const mostLines = 40_000;

/** What happened to tools, a JSON line each, in one blob a day for each who writes. Source of names: `yyyy-mm-dd/writer.jsonl`. */
export class ToolJournal {
  readonly #blobs: Pick<BlobStore, 'append'>;
  readonly #writer: string;
  readonly #now: () => Date;
  #day = '';
  #lines = 0;

  constructor(blobs: Pick<BlobStore, 'append'>, writer: string, now: () => Date) {
    this.#blobs = blobs;
    this.#writer = writer;
    this.#now = now;
  }

  /** @throws AppError where storage does not answer: the line is lost. */
  async write(event: { kind: string }): Promise<void> {
    const at = this.#now().toISOString();
    const day = at.slice(0, 10);
    if (day !== this.#day) [this.#day, this.#lines] = [day, 0];
    const part = Math.floor(this.#lines++ / mostLines);
    const name = `${day}/${this.#writer}${part > 0 ? `-${part}` : ''}.jsonl`;
    const line = JSON.stringify({ at, writer: this.#writer, ...event });
    await this.#blobs.append(container, name, Buffer.from(`${line}\n`));
  }
}

/** Names of journals of days before `day`, and forgets them. Gives how many. */
export async function forgetJournals(blobs: BlobStore, before: Date): Promise<number> {
  const day = before.toISOString().slice(0, 10);
  let count = 0;
  for await (const name of blobs.list(container, '')) {
    if (name.slice(0, 10) >= day) break;
    await blobs.delete(container, name);
    count++;
  }
  return count;
}
