/** Takes in an archive six times, in a process of its own: reads, selects, redacts, packs and counts. Bundled before it runs, as what is deployed is. */
import { createReadStream, statSync } from 'node:fs';
import { Readable } from 'node:stream';
import type { HttpRequest } from '@azure/functions';
import { readAuditRequest } from '../shared/audit/intake/readAuditRequest.ts';
import { packFile } from '../shared/audit/packing/separatorFormat.ts';
import { countInput, packedSection } from '../shared/audit/tokens/inputTokens.ts';
import { SectionCounts } from '../shared/audit/tokens/sectionCounts.ts';
import { loadTokenCounter } from '../shared/audit/tokens/tokenCounter.ts';
import { Turns } from '../shared/audit/turns.ts';
import { readSettings } from '../shared/settings.ts';
import type { IntakeResult } from './auditIntake.ts';

const [archive = '', rounds = '6', what] = process.argv.slice(2);
/** Instead of packing: of a tree this large only parts are ever packed. */
const withBaseline = what === 'baseline';
const isPacked = !withBaseline;
const { audit, platform } = readSettings({
  AzureWebJobsStorage: 'UseDevelopmentStorage=true',
  GATEHOUSE_AUDIT_EXCLUDED_FOLDERS: 'none',
  GATEHOUSE_AUDIT_MAX_ENTRIES: '100000',
});
if (!audit.ok || !platform.ok) throw new Error('the settings are wrong');
const [settings, limits] = [audit.value, platform.value];
const sections = new SectionCounts();

/** What intake reads of a request: the archive streams in from disk as it would from a socket. */
function upload(): HttpRequest {
  const headers = { 'content-type': 'application/gzip', 'content-length': String(statSync(archive).size) };
  return {
    headers: new Headers(headers),
    query: new URLSearchParams({ hld: 'docs/hld.md' }),
    body: Readable.toWeb(createReadStream(archive)),
    bodyUsed: false,
  } as unknown as HttpRequest;
}

async function takeIn(): Promise<Omit<IntakeResult, 'times' | 'peakBytes'>> {
  using asked = await readAuditRequest(upload(), settings, limits);
  const { files, secrets } = asked.input;
  const counter = await loadTokenCounter('o200k_base');
  const tokens = await sections.countAll(files.map(packedSection), counter, new Turns());
  // Counted for the answer's comparison with plain JSON, which no peer makes.
  if (withBaseline) await countInput(asked.input, counter, sections, new Turns());
  // The text of a prompt, whole and in UTF-8, as it would go out; nothing touches a disk.
  const bytes = isPacked ? Buffer.byteLength(files.map(packFile).join('')) : 0;
  return { files: files.length, secrets: secrets.length, tokens, bytes };
}

const times: number[] = [];
let last: Awaited<ReturnType<typeof takeIn>> | undefined;
for (let n = 0; n < Number(rounds); n++) {
  // The first from the start of the process, with everything that has to be loaded.
  const began = n === 0 ? 0 : performance.now();
  last = await takeIn();
  times.push(performance.now() - began);
}
const peakBytes = process.resourceUsage().maxRSS * 1024;
process.send?.({ ...last, times, peakBytes });
process.disconnect?.();
