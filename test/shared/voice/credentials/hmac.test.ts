import { createHmac } from 'node:crypto';
import fc from 'fast-check';
import { Webhook } from 'standardwebhooks';
import { describe, expect, it } from 'vitest';
import { signaturesIn } from '../../../../shared/voice/credentials/signatures.ts';
import { now, outcome, presented, verifier } from '../../../support/credentials.ts';

const key = 'a-secret-key';
const seconds = String(now.getTime() / 1_000);
/** Neither valid UTF-8 nor JSON: what is signed is bytes. */
const body = Buffer.from([0x7b, 0xff, 0x00, 0xc3, 0x28, 0xed, 0xa0, 0x80, 0x7d]);

type Algorithm = 'sha1' | 'sha256' | 'sha512';

function sign(
  pieces: readonly (string | Uint8Array)[],
  { algorithm = 'sha256', encoding = 'hex', secret = key as string | Uint8Array } = {},
): string {
  const whole = Buffer.concat(pieces.map((piece) => Buffer.from(piece as string)));
  return createHmac(algorithm as Algorithm, secret)
    .update(whole)
    .digest(encoding as 'hex' | 'base64');
}

function hmac(members: Record<string, unknown> = {}) {
  return { type: 'hmac', algorithm: 'sha256', secrets: [key], ...members };
}

async function told(
  written: unknown,
  headers: Record<string, string>,
  parts: { body?: Uint8Array; url?: () => string; method?: string; at?: Date } = {},
) {
  const { at = now, ...rest } = parts;
  return outcome(await verifier([written]).verify(presented({ body, ...rest, headers }), at));
}

describe('hmac as Vapi signs by default', () => {
  const headers = { 'x-signature': sign([seconds, '.', body]), 'x-timestamp': seconds };

  it('is accepted without a promise', () => {
    expect(verifier([hmac()]).verify(presented({ headers, body }), now)).toEqual({
      kind: 'accepted',
      credential: 'hmac',
    });
  });

  it.each(['sha1', 'sha256', 'sha512'] as const)('%s in hex and base64', async (algorithm) => {
    for (const encoding of ['hex', 'base64'] as const) {
      const signature = sign([seconds, '.', body], { algorithm, encoding });
      const written = hmac({ algorithm, signatureEncoding: encoding });
      expect(await told(written, { ...headers, 'x-signature': signature })).toBe('accepted');
      const changed = { body: Buffer.concat([body, Buffer.from(' ')]) };
      expect(await told(written, { ...headers, 'x-signature': signature }, changed)).toBe('wrong');
    }
  });

  it('tells one invalid byte from another', async () => {
    const other = Buffer.from(body);
    other[1] = 0xfe;
    expect(other.toString()).toBe(body.toString());
    expect(await told(hmac(), headers, { body: other })).toBe('wrong');
  });

  it.each<[string, Record<string, string>, string]>([
    ['nothing', {}, 'missing'],
    ['an empty signature', { ...headers, 'x-signature': '' }, 'missing'],
    ['no timestamp', { 'x-signature': headers['x-signature'] }, 'incomplete'],
    ['another timestamp', { ...headers, 'x-timestamp': `${Number(seconds) + 1}` }, 'wrong'],
    ['a timestamp that is none', { ...headers, 'x-timestamp': 'now' }, 'incomplete'],
    ['another signature', { ...headers, 'x-signature': sign([seconds, '.', 'x']) }, 'wrong'],
    ['half a signature', { ...headers, 'x-signature': headers['x-signature'].slice(0, 32) }, 'wrong'],
    ['a longer signature', { ...headers, 'x-signature': `${headers['x-signature']}00` }, 'wrong'],
    ['no hex', { ...headers, 'x-signature': 'é'.repeat(64) }, 'wrong'],
    ['no signature and no timestamp', { 'x-signature': 'sha256' }, 'wrong'],
    ['another prefix', { ...headers, 'x-signature': `sha256=${headers['x-signature']}` }, 'wrong'],
    ['hex in capitals', { ...headers, 'x-signature': headers['x-signature'].toUpperCase() }, 'accepted'],
    ['names in capitals', { 'X-SIGNATURE': headers['x-signature'], 'X-Timestamp': seconds }, 'accepted'],
  ])('given %s', async (_, given, expected) => {
    expect(await told(hmac(), given)).toBe(expected);
  });

  it('takes the old secret and the new one', async () => {
    const both = hmac({ secrets: ['the-next-key', key] });
    expect(await told(both, headers)).toBe('accepted');
    const next = { ...headers, 'x-signature': sign([seconds, '.', body], { secret: 'the-next-key' }) };
    expect(await told(both, next)).toBe('accepted');
    expect(await told(hmac(), next)).toBe('wrong');
  });
});

describe('timestamps', () => {
  const signedAt = (text: string) => ({ 'x-signature': sign([text, '.', body]), 'x-timestamp': text });

  it.each([
    ['seconds', seconds],
    ['milliseconds', String(now.getTime())],
    ['seconds with a fraction', `${seconds}.250`],
    ['ISO 8601', now.toISOString()],
    ['ISO 8601 without a fraction', '2026-11-21T00:49:00Z'],
    ['ISO 8601 elsewhere', '2026-11-21T10:49:00+10:00'],
  ])('in %s', async (_, text) => {
    expect(await told(hmac(), signedAt(text))).toBe('accepted');
  });

  it.each([
    '2026-11-21',
    '2026-11-21T00:49:00',
    '2026-13-21T00:49:00Z',
    '-1',
    '1e9',
    '0x10',
    '100000000000000',
    '179999999900000000',
    '',
  ])('not as "%s"', async (text) => {
    expect(await told(hmac(), signedAt(text))).toBe('incomplete');
  });

  it.each([
    [300_000, 'accepted'],
    [300_001, 'stale'],
    [-300_000, 'accepted'],
    [-300_001, 'stale'],
    [86_400_000, 'stale'],
  ])('%i ms later: %s', async (ms, expected) => {
    const at = new Date(now.getTime() + ms);
    expect(await told(hmac(), signedAt(String(now.getTime())), { at })).toBe(expected);
    expect(await told(hmac(), signedAt(seconds), { at })).toBe(expected);
  });

  it('are told stale only of a right signature', async () => {
    const at = new Date(now.getTime() + 3_600_000);
    expect(await told(hmac({ secrets: ['another-key'] }), signedAt(seconds), { at })).toBe('wrong');
  });

  it('have no say where the format has none', async () => {
    const written = hmac({ includeTimestamp: false });
    const at = new Date(now.getTime() + 86_400_000);
    expect(await told(written, { 'x-signature': sign([body]) }, { at })).toBe('accepted');
    expect(await told(written, signedAt(seconds))).toBe('wrong');
  });

  it('are wanted where the format has one, whatever includeTimestamp says', async () => {
    const written = hmac({ includeTimestamp: false, payloadFormat: '{body}|{timestamp}' });
    const signature = sign([body, '|', seconds]);
    expect(await told(written, { 'x-signature': signature })).toBe('incomplete');
    expect(await told(written, { 'x-signature': signature, 'x-timestamp': seconds })).toBe('accepted');
  });
});

describe('formats', () => {
  const url = 'https://gatehouse.example/api/vapi/webhook?x=1';

  it('all placeholders, other headers, a prefix, text between', async () => {
    const written = hmac({
      signatureHeader: 'X-Hub-Signature-256',
      timestampHeader: 'X-Sent-At',
      signaturePrefix: 'sha256=',
      messageIdHeader: 'X-Id',
      payloadFormat: 'v0:{method}\n{url}\n{svix-id}\n{timestamp}\n{body}\n{body} €',
    });
    const pieces = ['v0:POST\n', url, '\n', 'id-1', '\n', seconds, '\n', body, '\n', body, ' €'];
    const headers = {
      'x-hub-signature-256': `sha256=${sign(pieces)}`,
      'x-sent-at': seconds,
      'x-id': 'id-1',
    };
    expect(await told(written, headers, { url: () => url })).toBe('accepted');
    expect(await told(written, headers, { url: () => `${url}2` })).toBe('wrong');
    expect(await told(written, headers, { url: () => url, method: 'PUT' })).toBe('wrong');
    expect(await told(written, { ...headers, 'x-id': 'id-2' }, { url: () => url })).toBe('wrong');
    expect(await told(written, { ...headers, 'x-hub-signature-256': sign(pieces) }, { url: () => url })).toBe(
      'wrong',
    );
  });

  it('text that looks like a replacement pattern is signed as it stands', async () => {
    const written = hmac({ payloadFormat: '$&{timestamp}$1.{body}' });
    const headers = { 'x-signature': sign(['$&', seconds, '$1.', body]), 'x-timestamp': seconds };
    expect(await told(written, headers)).toBe('accepted');
  });

  it('a key in base64 is its bytes', async () => {
    const bytes = Buffer.from([0, 255, 1, 254, 2, 253, 3, 252, 4, 251]);
    const written = hmac({ secretIsBase64: true, secrets: [bytes.toString('base64')] });
    const headers = { 'x-signature': sign([seconds, '.', body], { secret: bytes }), 'x-timestamp': seconds };
    expect(await told(written, headers)).toBe('accepted');
    expect(await told({ ...written, secretIsBase64: false }, headers)).toBe('wrong');
  });

  it('a prefix may hold a space', async () => {
    const written = hmac({ signaturePrefix: 'HMAC sig ' });
    const signature = sign([seconds, '.', body]);
    expect(await told(written, { 'x-signature': `HMAC sig ${signature}`, 'x-timestamp': seconds })).toBe(
      'accepted',
    );
  });

  it('with no prefix several signatures may stand there too, up to 16', async () => {
    const right = sign([seconds, '.', body]);
    const wrong = sign(['x']);
    const given = (header: string) => told(hmac(), { 'x-signature': header, 'x-timestamp': seconds });
    expect(await given(`${wrong}, ${right}`)).toBe('accepted');
    expect(await given(`${right},${wrong}`)).toBe('accepted');
    expect(await given(`${wrong} ${wrong}`)).toBe('wrong');
    expect(await given(`${`${wrong} `.repeat(15)}${right}`)).toBe('accepted');
    expect(await given(`${`${wrong} `.repeat(16)}${right}`)).toBe('wrong');
  });
});

describe('any', () => {
  const word = fc.stringMatching(/^[!-+.-~-]{1,40}$/);

  it('signatures that are put together are found again', () => {
    fc.assert(
      fc.property(
        fc.constantFrom('', 'v1,', 'sha256=', 'HMAC sig '),
        fc.array(word, { maxLength: 16 }),
        fc.constantFrom(' ', ',', ', ', ' , '),
        (prefix, words, separator) => {
          const header = words.map((signature) => `${prefix}${signature}`).join(separator);
          expect(signaturesIn(header, prefix)).toEqual(words);
        },
      ),
    );
  });

  it('format signs what replacing its placeholders gives', async () => {
    const piece = fc.oneof(
      fc.constantFrom('{method}', '{svix-id}', '{timestamp}'),
      fc.stringMatching(/^[^{}]{0,9}$/),
    );
    await fc.assert(
      fc.asyncProperty(fc.array(piece, { maxLength: 12 }), async (pieces) => {
        const payloadFormat = ['{timestamp}', ...pieces, '{body}'].join('');
        const signed = payloadFormat
          .replaceAll('{method}', 'POST')
          .replaceAll('{svix-id}', 'id-1')
          .replaceAll('{timestamp}', seconds)
          .slice(0, -'{body}'.length);
        const headers = { 'x-signature': sign([signed, body]), 'x-timestamp': seconds, 'x-id': 'id-1' };
        expect(await told(hmac({ payloadFormat, messageIdHeader: 'x-id' }), headers)).toBe('accepted');
      }),
    );
  });
});

describe('Standard Webhooks, signed by its own library', () => {
  const keyText = `whsec_${Buffer.from('0123456789abcdef0123456789abcdef').toString('base64')}`;
  const written = {
    type: 'hmac',
    algorithm: 'sha256',
    signatureHeader: 'webhook-signature',
    timestampHeader: 'webhook-timestamp',
    messageIdHeader: 'webhook-id',
    signaturePrefix: 'v1,',
    payloadFormat: '{svix-id}.{timestamp}.{body}',
    signatureEncoding: 'base64',
    secretIsBase64: true,
    secrets: [keyText],
  };
  const text = '{"message":{"type":"tool-calls","note":"Grüße €"}}';
  const parts = { body: Buffer.from(text) };
  const signature = new Webhook(keyText).sign('msg_1', now, text);
  const headers = { 'webhook-id': 'msg_1', 'webhook-timestamp': seconds, 'webhook-signature': signature };

  it('is accepted, with the message id', async () => {
    expect(await verifier([written]).verify(presented({ ...parts, headers }), now)).toEqual({
      kind: 'accepted',
      credential: 'hmac',
      messageId: 'msg_1',
    });
  });

  it('is what the library accepts too', () => {
    const current = new Date();
    const fresh = {
      ...headers,
      'webhook-timestamp': String(Math.floor(current.getTime() / 1_000)),
      'webhook-signature': new Webhook(keyText).sign('msg_1', current, text),
    };
    expect(new Webhook(keyText).verify(text, fresh)).toEqual(JSON.parse(text));
    expect(verifier([written]).verify(presented({ ...parts, headers: fresh }), current)).toMatchObject({
      kind: 'accepted',
    });
  });

  const other = new Webhook('whsec_b3RoZXItb3RoZXItb3RoZXItb3RoZXI=').sign('msg_1', now, text);
  it.each<[string, string, string]>([
    ['old and new key', `${other} ${signature}`, 'accepted'],
    ['new and old key', `${signature} ${other}`, 'accepted'],
    ['two headers', `${other}, ${signature}`, 'accepted'],
    ['another version before it', `v1a,AAAA ${signature}`, 'accepted'],
    ['something short before it', `a ${signature}`, 'accepted'],
    ['another version only', signature.replace('v1,', 'v2,'), 'wrong'],
    ['no version', signature.slice(3), 'wrong'],
    ['version only', 'v1,', 'wrong'],
    ['another key', other, 'wrong'],
  ])('%s', async (_, header, expected) => {
    expect(await told(written, { ...headers, 'webhook-signature': header }, parts)).toBe(expected);
  });

  it.each<[string, string | undefined, string]>([
    ['missing', undefined, 'incomplete'],
    ['with a space', 'msg 1', 'incomplete'],
    ['too long', 'm'.repeat(257), 'incomplete'],
    ['of another message', 'msg_2', 'wrong'],
  ])('message id %s', async (_, id, expected) => {
    const { 'webhook-id': _id, ...rest } = headers;
    expect(await told(written, { ...rest, ...(id === undefined ? {} : { 'webhook-id': id }) }, parts)).toBe(
      expected,
    );
  });

  it('a message id of 256 characters is one', async () => {
    const id = 'm'.repeat(256);
    const signed = {
      ...headers,
      'webhook-id': id,
      'webhook-signature': new Webhook(keyText).sign(id, now, text),
    };
    expect(await verifier([written]).verify(presented({ ...parts, headers: signed }), now)).toMatchObject({
      messageId: id,
    });
  });
});

describe('several credentials', () => {
  const headers = { 'x-signature': sign([seconds, '.', body]), 'x-timestamp': seconds };

  it('the one that got furthest gives the reason', async () => {
    const both = [
      hmac(),
      hmac({ secrets: ['another-key'] }),
      hmac({ signatureHeader: 'x-other' }),
      { type: 'secret', secrets: ['some-secret'] },
    ];
    const late = new Date(now.getTime() + 600_000);
    expect(outcome(await verifier(both).verify(presented({ headers, body }), late))).toBe('stale');
    expect(outcome(await verifier(both).verify(presented({ headers, body }), now))).toBe('accepted');
    expect(outcome(await verifier(both).verify(presented({ headers: {}, body }), now))).toBe('missing');
  });

  it('a matching secret leaves the body alone', async () => {
    const both = verifier([hmac(), { type: 'secret', secrets: ['some-secret'] }]);
    const delivery = presented({ headers: { ...headers, 'x-vapi-secret': 'some-secret' } });
    Object.defineProperty(delivery, 'body', {
      get: () => {
        throw new Error('the body was read');
      },
    });
    expect(await both.verify(delivery, now)).toMatchObject({ credential: 'secret' });
  });
});
