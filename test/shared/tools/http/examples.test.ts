import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { createSafeFetch } from '../../../../shared/net/safeFetch.ts';
import { hostsOf, httpToolSchema } from '../../../../shared/tools/http/definition.ts';
import { createHttpTool } from '../../../../shared/tools/http/httpTool.ts';
import { secretsOf } from '../../../../shared/tools/http/secrets.ts';
import { selfTest } from '../../../../shared/tools/http/selfTest.ts';
import { createToolRegistry, fixedSource, type ToolOutcome } from '../../../../shared/tools/registry.ts';
import { compileSchema } from '../../../../shared/tools/schema/compileSchema.ts';
import { type CalComState, calCom } from '../../../fixtures/tools/calCom.ts';
import { type HubSpotState, hubSpot } from '../../../fixtures/tools/hubSpot.ts';
import type { Service } from '../../../fixtures/tools/serviceAnswer.ts';
import { type SlackState, slack } from '../../../fixtures/tools/slack.ts';
import { root } from '../../../support/process.ts';
import { startTlsServer, type TlsServer, testCertificate } from '../../../support/tlsServer.ts';
import { contextWith } from './parts.ts';

const folder = join(root, 'examples/tools');
const read = (name: string) =>
  httpToolSchema.parse(JSON.parse(readFileSync(join(folder, `${name}.json`), 'utf8')));
const names = readdirSync(folder).flatMap((file) => (file.endsWith('.json') ? [file.slice(0, -5)] : []));

const local = createSafeFetch({ allow: (address) => address === '127.0.0.1', ca: testCertificate });
let server: TlsServer | undefined;
afterEach(async () => {
  await server?.stop();
  server = undefined;
});

type Args = Record<string, unknown>;

/** Runs an example through the registry against a service on this machine, by HTTPS, with this as every secret. */
async function calling(
  name: string,
  service: Service | 'silent',
  secret = 'key',
): Promise<(args: Args, caller?: string) => Promise<ToolOutcome>> {
  const running = await startTlsServer((response, request) => {
    if (service === 'silent') return;
    const { status, body } = service(request);
    const text = typeof body === 'string' ? body : JSON.stringify(body);
    response.writeHead(status, { 'content-type': 'application/json' }).end(text);
  });
  server = running;
  const definition = read(name);
  const [host = ''] = hostsOf(definition);
  const entry = { version: '1', hosts: [host], secrets: secretsOf(definition) };
  const ports = {
    fetch: (request: Parameters<typeof local>[0]) =>
      local({ ...request, url: request.url.replace(`https://${host}/`, `${running.base}/`) }),
    secret: () => secret,
  };
  const tool = createHttpTool(definition, entry, ports, await compileSchema(definition.inputSchema));
  const registry = createToolRegistry(fixedSource([tool]));
  return (args, caller = '+41445550100') =>
    registry.run(
      name,
      args,
      contextWith({ caller: caller || undefined }).context,
      service === 'silent' ? 400 : 5_000,
    );
}

const done = (result: string) => ({ ok: true, result });
const failed = (error: string) => ({ ok: false, error });
const answering = (status: number, body: unknown) => (): ReturnType<Service> => ({ status, body });

describe.each(names)('%s', (name) => {
  it('passes its own self-test, which has a success and a failure', async () => {
    const definition = read(name);
    expect(definition.name).toBe(name);
    expect(definition.selfTest.length).toBeGreaterThanOrEqual(2);
    expect(await selfTest(definition, await compileSchema(definition.inputSchema))).toEqual([]);
  });
});

const valid: Record<string, Args> = {
  check_availability: { from: '2026-12-01', to: '2026-12-02' },
  book_appointment: { start: '2026-12-01T08:30:00.000Z', name: 'Ada Meier' },
  save_contact: { email: 'ada@example.com' },
  notify_slack: { message: 'Water' },
};

describe.each(Object.entries(valid))('%s', (name, args) => {
  it('has words for each status it names, and for all others', async () => {
    const { errors } = read(name).response;
    for (const status of [...Object.keys(errors).filter((key) => /^\d/.test(key)), '418', '500', '302']) {
      const call = await calling(name, answering(Number(status), { anything: true }));
      expect(await call(args)).toEqual(failed(errors[status] ?? errors.default));
      await server?.stop();
    }
  });

  it('has words for each failure that it reads out of an answer', async () => {
    for (const { pointer, equals, say } of read(name).response.fails) {
      const [first = '', second] = pointer.slice(1).split('/');
      const body = { [first]: second === undefined ? equals : { [second]: equals } };
      const call = await calling(name, answering(200, body));
      expect(await call(args)).toEqual(failed(say));
      await server?.stop();
    }
  });

  it('has words for silence, before nobody waits any more', async () => {
    const call = await calling(name, 'silent');
    const { noAnswer } = read(name).response.errors;
    expect(await call(args)).toEqual(failed(noAnswer ?? 'The tool failed. Go on without it.'));
  });
});

describe('check_availability and book_appointment with Cal.com', () => {
  const state = (): CalComState => ({
    key: 'key',
    eventTypeId: 123,
    free: ['2026-12-01T08:30:00.000Z', '2026-12-01T11:00:00.000Z', '2026-12-02T14:00:00.000Z'],
    bookings: [],
  });

  it('says what is free, as clocks there show it', async () => {
    const call = await calling('check_availability', calCom(state()));
    expect(await call({ from: '2026-12-01', to: '2026-12-01' })).toEqual(
      done(
        'Free: Tuesday 1 December at 9:30 am [2026-12-01T08:30:00.000Z]; Tuesday 1 December at noon [2026-12-01T11:00:00.000Z]. Offer two of them. To book one, call book_appointment with its start in brackets.',
      ),
    );
    expect(await call({ from: '2026-12-05', to: '2026-12-06' })).toEqual(
      done('Nothing is free between 2026-12-05 and 2026-12-06. Ask for other days.'),
    );
  });

  it('says six times at most, and how many more there are', async () => {
    const free = Array.from({ length: 9 }, (_, i) => `2026-12-01T${10 + i}:00:00.000Z`);
    const call = await calling('check_availability', calCom({ ...state(), free }));
    const { result } = (await call(valid.check_availability ?? {})) as { result: string };
    expect(result.match(/\[/g)).toHaveLength(6);
    expect(result).toContain('] and 3 more. Offer');
  });

  it('books what is free once, and says that it is taken afterwards', async () => {
    const service = state();
    const call = await calling('book_appointment', calCom(service));
    const start = '2026-12-01T11:00:00.000Z';
    expect(await call({ start, name: 'Ada Meier', reason: 'First visit' })).toEqual(
      done(
        'Booked for Tuesday 1 December at noon, in the name of Ada Meier. Confirm the day and the time to the caller.',
      ),
    );
    expect(service.bookings).toEqual([
      {
        eventTypeId: 123,
        start,
        attendee: {
          name: 'Ada Meier',
          phoneNumber: '+41445550100',
          timeZone: 'Europe/Zurich',
          language: 'en',
        },
        metadata: { reason: 'First visit', call: 'c1', request: 'k1' },
      },
    ]);
    expect(await call({ start, name: 'Ada Meier' })).toEqual(
      failed('That time was just taken. Call check_availability and offer another.'),
    );
  });

  it('asks for an email address where the number is withheld', async () => {
    const call = await calling('book_appointment', calCom(state()));
    const booking = { start: '2026-12-01T11:00:00.000Z', name: 'Ada Meier' };
    expect(await call(booking, '')).toEqual(failed(read('book_appointment').response.errors['400'] ?? ''));
    expect(await call({ ...booking, email: 'ada@example.com' }, '')).toMatchObject({ ok: true });
  });

  it('tells a key that is no longer valid in general words', async () => {
    const call = await calling('check_availability', calCom(state()), 'old key');
    expect(await call(valid.check_availability ?? {})).toEqual(
      failed(read('check_availability').response.errors.default),
    );
  });

  it('is asked nothing with arguments that are not valid', async () => {
    const call = await calling('check_availability', calCom(state()));
    expect(await call({ from: 'tomorrow', to: '2026-12-02' })).toMatchObject({ ok: false });
    expect(server?.received).toEqual([]);
  });
});

describe('save_contact with HubSpot', () => {
  it('creates a contact, and corrects it by its email address', async () => {
    const service: HubSpotState = { token: 'key', contacts: new Map() };
    const call = await calling('save_contact', hubSpot(service));
    expect(await call({ email: 'ada@example.com', first_name: 'Ada' })).toEqual(
      done('The details are saved under ada@example.com.'),
    );
    expect(await call({ email: 'ada@example.com', last_name: 'Meier', company: 'Meier AG' })).toMatchObject({
      ok: true,
    });
    expect([...service.contacts]).toEqual([
      [
        'ada@example.com',
        {
          email: 'ada@example.com',
          firstname: 'Ada',
          lastname: 'Meier',
          company: 'Meier AG',
          phone: '+41445550100',
        },
      ],
    ]);
  });

  it('tells a token that is no longer valid in general words', async () => {
    const call = await calling('save_contact', hubSpot({ token: 'other', contacts: new Map() }));
    expect(await call(valid.save_contact ?? {})).toEqual(
      failed(read('save_contact').response.errors.default),
    );
  });
});

describe('notify_slack with Slack', () => {
  const state = (): SlackState => ({ token: 'key', channel: 'C0123456789', isMember: true, posted: [] });

  it('posts text that cannot ping a whole channel', async () => {
    const service = state();
    const call = await calling('notify_slack', slack(service));
    expect(await call({ message: '<!channel> "water"\n{x}', name: 'Ada' })).toEqual(
      done('The team has been told.'),
    );
    const text = { type: 'plain_text', text: 'Call from Ada (+41445550100): <!channel> "water"\n{x}' };
    expect(service.posted).toEqual([
      { channel: 'C0123456789', text: 'A caller needs the team.', blocks: [{ type: 'section', text }] },
    ]);
  });

  it.each<[string, Partial<SlackState>]>([
    ['another token', { token: 'other' }],
    ['another channel', { channel: 'C1' }],
    ['a channel it is not in', { isMember: false }],
  ])('knows a refusal with status 200: %s', async (_what, change) => {
    const service = { ...state(), ...change };
    const call = await calling('notify_slack', slack(service));
    expect(await call(valid.notify_slack ?? {})).toEqual(
      failed('The team could not be told. Take a message instead.'),
    );
    expect(service.posted).toEqual([]);
  });
});
