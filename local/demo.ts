/** `npm run demo`: one phone call and one audit against a Gatehouse of its own, told as a story. */
import { globSync, readFileSync } from 'node:fs';
import { buffer } from 'node:stream/consumers';
import { setTimeout as sleep } from 'node:timers/promises';
import { styleText } from 'node:util';
import { createGzip } from 'node:zlib';
import { pack as packTar } from 'tar-stream';
import type { AuditResult } from '../shared/audit/report/auditResult.ts';
import { CallStore } from '../shared/voice/calls/callStore.ts';
import { LeadStore } from '../shared/voice/leads/leadStore.ts';
import { readCommandLine, runCommand } from './commandLine.ts';
import { type LocalGatehouse, root, startGatehouse } from './gatehouse.ts';

const tenantId = 'acme';
const heading = (text: string) => console.log(`\n${styleText('bold', text)}`);
const says = (who: string, text: string) => console.log(`  ${styleText('cyan', who.padEnd(9))} ${text}`);
const note = (text: string) => console.log(styleText('dim', `            ${text}`));

interface Timed<T> {
  value: T;
  ms: string;
}

async function post<T>(url: string, body: Uint8Array<ArrayBuffer>, type: string): Promise<Timed<T>> {
  const started = performance.now();
  const response = await fetch(url, { method: 'POST', headers: { 'content-type': type }, body });
  const value = (await response.json()) as T;
  if (!response.ok) throw new Error(`${url} answered ${response.status}: ${JSON.stringify(value)}`);
  return { value, ms: `${(performance.now() - started).toFixed(1)} ms` };
}

function deliver<T>(base: string, name: string): Promise<Timed<T>> {
  return post<T>(
    `${base}/api/vapi/webhook`,
    new Uint8Array(readFileSync(`${root}local/sample/calls/${name}.json`)),
    'application/json',
  );
}

interface AssistantAnswer {
  assistant: {
    firstMessage: string;
    voice: { provider: string; voiceId: string };
    model: { model: string; tools: { type: string; function?: { name: string } }[] };
  };
}
interface ToolAnswer {
  results: { name: string; result?: string; error?: string }[];
}

async function playCall(base: string, { stores }: LocalGatehouse): Promise<void> {
  heading('A call for Acme Plumbing');
  const {
    value: { assistant },
    ms,
  } = await deliver<AssistantAnswer>(base, 'assistant-request');
  says('Vapi', 'A call comes in on +61 2 5550 1234. Who answers?   (assistant-request)');
  says(
    'Gatehouse',
    `The receptionist of Acme Plumbing: voice ${assistant.voice.provider}/${assistant.voice.voiceId}, model ${assistant.model.model}, tools ${assistant.model.tools.map((t) => t.function?.name ?? t.type).join(', ')}.`,
  );
  note(`answered in ${ms}; the tenant was read from Table Storage`);
  const again = await deliver(base, 'assistant-request');
  note(`asked a second time, answered in ${again.ms}; the tenant was in memory`);
  says('Assistant', `“${assistant.firstMessage}”`);

  const { artifact } = (
    JSON.parse(readFileSync(`${root}local/sample/calls/tool-calls.json`, 'utf8')) as {
      message: { artifact: { messages: { role: string; message: string }[] } };
    }
  ).message;
  for (const { role, message } of artifact.messages.slice(1))
    says(role === 'user' ? 'Caller' : 'Assistant', `“${message}”`);
  const tool = await deliver<ToolAnswer>(base, 'tool-calls');
  says('Vapi', 'The model calls create_lead: Blocked drains, today, Marrickville.   (tool-calls)');
  says('Gatehouse', tool.value.results[0]?.result ?? tool.value.results[0]?.error ?? '');
  note(`answered in ${tool.ms}; the lead is in Table Storage`);
  const repeated = await deliver<ToolAnswer>(base, 'tool-calls');
  note(
    `delivered again, answered ${repeated.value.results[0]?.result === tool.value.results[0]?.result ? 'with the same lead' : 'DIFFERENTLY'} in ${repeated.ms}`,
  );

  const report = await deliver(base, 'end-of-call-report');
  says('Vapi', 'The caller hung up. Here is the report.   (end-of-call-report)');
  says('Gatehouse', 'Stored and queued.');
  note(`answered in ${report.ms}; processed by the queue trigger`);

  const row = await waitForCall(new CallStore(stores));
  heading('What is stored now');
  for await (const { leadId, service, urgency, suburb, preferredTime } of new LeadStore(
    stores.tables,
    () => '',
  ).list(tenantId)) {
    says('Lead', `${leadId}\n            ${service}, ${urgency}, ${suburb}, ${preferredTime}`);
  }
  says(
    'Call',
    `${row.callId}\n            ${row.endedReason}, ${row.durationSeconds} s, ${row.costUsd} USD, report in calls/${row.reportBlob}`,
  );
  note(`${row.summary}`);
}

async function waitForCall(calls: CallStore): Promise<Record<string, unknown>> {
  const { message } = JSON.parse(
    readFileSync(`${root}local/sample/calls/end-of-call-report.json`, 'utf8'),
  ) as { message: { call: { id: string } } };
  for (let tries = 0; tries < 100; tries++) {
    const row = await calls.get(tenantId, message.call.id);
    if (row?.status === 'ended' && row.reportBlob) return row;
    await sleep(100);
  }
  throw new Error('the call was not stored within 10 s');
}

async function sampleArchive(): Promise<Uint8Array<ArrayBuffer>> {
  const tar = packTar();
  for (const path of globSync('**/*.*', { cwd: `${root}local/sample/bookings` }).sort()) {
    tar.entry({ name: path }, readFileSync(`${root}local/sample/bookings/${path}`, 'utf8'));
  }
  tar.finalize();
  return new Uint8Array(await buffer(tar.pipe(createGzip())));
}

async function playAudit(base: string): Promise<void> {
  heading('A build against its drawings');
  const url = `${base}/api/audit?hld=docs/hld.md`;
  const { value: result, ms } = await post<AuditResult>(url, await sampleArchive(), 'application/gzip');
  const { token_report: tokens, counts, requirements, engine } = result;
  says(
    'Pipeline',
    `Does the source of the bookings service do what its design says? ${tokens.file_count} files, one design.`,
  );
  says('Gatehouse', `${result.summary} (${engine.name} engine, ${ms})`);
  for (const { id, requirement, verdict, evidence } of requirements.filter((r) => r.verdict === 'missing')) {
    note(
      `${verdict} ${id}: ${requirement.length > 90 ? `${requirement.slice(0, 89)}…` : requirement}${evidence[0] ? ` ${evidence[0].file}` : ''}`,
    );
  }
  const shown = requirements.find((r) => r.verdict === 'implemented' && r.evidence.length > 0);
  if (shown?.evidence[0])
    note(
      `and, of ${counts.implemented} found, for example ${shown.id} at ${shown.evidence[0].file}:${shown.evidence[0].line}`,
    );
  says(
    'Tokens',
    `${tokens.json_input_tokens} as JSON, ${tokens.toon_input_tokens_calculated} packed: ${tokens.tokens_saved} fewer (${tokens.reduction_rate} %), counted in ${tokens.encoding}.`,
  );
  const again = await post<AuditResult>(url, await sampleArchive(), 'application/gzip');
  says(
    'Again',
    `The same build is answered from the cache in ${again.ms}; ${again.value.token_report.total_tokens_billed} tokens billed.`,
  );
  if (!again.value.token_report.local_cache_hit)
    throw new Error('the second audit was not answered from the cache');
}

runCommand(async () => {
  readCommandLine('usage: npm run demo', {});
  const gatehouse = await startGatehouse({
    port: 0,
    ephemeral: true,
    log: ({ level, message }) => /error|critical/.test(level) && console.error(message),
  });
  try {
    if (gatehouse.host.failure) throw gatehouse.host.failure;
    const base = `http://localhost:${gatehouse.host.port}`;
    await playCall(base, gatehouse);
    await playAudit(base);
  } finally {
    await gatehouse.stop();
  }
  console.log('\nStart it yourself with: npm start');
  process.exit(0);
});
