import { Webhook } from 'standardwebhooks';
import { describe, expect, it } from 'vitest';
import { readSecret, signedHeaders } from '../../../shared/deliveries/standardWebhook.ts';
import { newSecret, secret } from '../../support/deliveries.ts';

const body = JSON.stringify({ type: 'lead.created', data: { name: 'Zoë 🚪' } });
const keyOf = (text: string) => readSecret(text) ?? Buffer.alloc(0);
const secretOf = (bytes: number) => `whsec_${Buffer.alloc(bytes, 7).toString('base64')}`;

describe('a signature', () => {
  it('is what the official library takes', () => {
    const headers = signedHeaders('evt_1', new Date(), body, [keyOf(secret)]);
    expect(new Webhook(secret).verify(body, headers)).toEqual(JSON.parse(body));
  });

  it('is taken with either secret while they are being exchanged, and with no other', () => {
    const headers = signedHeaders('evt_1', new Date(), body, [keyOf(newSecret), keyOf(secret)]);
    expect(headers['webhook-signature']?.split(' ')).toHaveLength(2);
    for (const held of [secret, newSecret]) expect(new Webhook(held).verify(body, headers)).toBeDefined();
    expect(() => new Webhook(secretOf(24)).verify(body, headers)).toThrow('No matching signature');
  });

  it.each([
    ['body', body.replace('Zoë', 'Zoe'), {}],
    ['id', body, { 'webhook-id': 'evt_2' }],
    ['time', body, { 'webhook-timestamp': String(Math.floor(Date.now() / 1000) - 1) }],
  ])('holds for this %s only', (_what, other, changed) => {
    const headers = signedHeaders('evt_1', new Date(), body, [keyOf(secret)]);
    expect(() => new Webhook(secret).verify(other, { ...headers, ...changed })).toThrow(
      'No matching signature',
    );
  });

  it('is the one of the specification', () => {
    const known = 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw';
    const [payload, at] = ['{"test": 2432232314}', new Date(1_614_265_330_000)];
    expect(signedHeaders('msg_p5jXN8AQM9LWM0D4loKWxJek', at, payload, [keyOf(known)])).toEqual({
      'webhook-id': 'msg_p5jXN8AQM9LWM0D4loKWxJek',
      'webhook-timestamp': '1614265330',
      'webhook-signature': 'v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=',
    });
  });
});

describe('a secret', () => {
  it.each([24, 25, 26, 64])('has %i bytes', (bytes) => {
    expect(readSecret(secretOf(bytes))).toEqual(Buffer.alloc(bytes, 7));
  });

  it.each([
    '',
    'whsec_',
    secretOf(23),
    secretOf(65),
    secretOf(24).slice('whsec_'.length),
    secretOf(24).replace('whsec_', 'whsk_'),
    `${secretOf(24)}!`,
    `${secretOf(24)} `,
    secretOf(25).replace(/=+$/, ''),
    secretOf(32).replaceAll('c', '-'),
  ])('is not %j', (text) => {
    expect(readSecret(text)).toBeUndefined();
  });
});
