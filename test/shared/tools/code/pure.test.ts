import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { boundedJson } from '../../../../shared/tools/boundedJson.ts';
import { CallGate } from '../../../../shared/tools/code/callGate.ts';
import { CrashBreaker } from '../../../../shared/tools/code/crashBreaker.ts';
import { readFrame } from '../../../../shared/tools/code/frames.ts';
import { SecretMask } from '../../../../shared/tools/code/secretMask.ts';

describe('the crash breaker', () => {
  it('rests for 30 s from the fifth crash within any minute', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 0, max: 40_000 }), { maxLength: 40 }), (gaps) => {
        const breaker = new CrashBreaker();
        let [now, restsUntil] = [0, 0];
        let crashes: number[] = [];
        for (const gap of gaps) {
          now += gap;
          expect(breaker.isResting(now)).toBe(now < restsUntil);
          if (now < restsUntil) continue;
          breaker.crashed(now);
          crashes.push(now);
          if (crashes.length >= 5 && now - (crashes.at(-5) ?? 0) < 60_000)
            [restsUntil, crashes] = [now + 30_000, []];
        }
      }),
    );
  });
});

describe('the call gate', () => {
  it('never lets in more than it may, and everybody in their order', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.integer({ min: 1, max: 4 }),
        fc.integer({ min: 1, max: 30 }),
        async (atOnce, calls) => {
          const gate = new CallGate(atOnce, calls);
          const order: number[] = [];
          let [inside, most] = [0, 0];
          const call = async (i: number) => {
            expect(await gate.enter(60_000)).toBe('entered');
            order.push(i);
            most = Math.max(most, ++inside);
            await Promise.resolve();
            inside--;
            gate.leave();
          };
          await Promise.all(Array.from({ length: calls }, (_, i) => call(i)));
          expect(order).toEqual(order.toSorted((a, b) => a - b));
          expect(most).toBe(Math.min(atOnce, calls));
          expect(gate.size).toBe(0);
        },
      ),
    );
  });

  it('keeps no place for who waited too long', async () => {
    const gate = new CallGate(1, 1);
    expect(await gate.enter(0)).toBe('entered');
    expect(await gate.enter(5)).toBe('late');
    const waiting = gate.enter(60_000);
    expect(await gate.enter(60_000)).toBe('full');
    gate.leave();
    expect(await waiting).toBe('entered');
    expect(gate.size).toBe(1);
  });
});

describe('JSON from outside', () => {
  it('is read as it is, where it is neither long nor deep', () => {
    fc.assert(
      fc.property(fc.jsonValue({ maxDepth: 8 }), (value) => {
        const text = JSON.stringify(value);
        expect(boundedJson(text, text.length)).toEqual(JSON.parse(text));
        expect(boundedJson(text, text.length - 1)).toBeUndefined();
      }),
    );
    const nested = (depth: number) => '['.repeat(depth) + ']'.repeat(depth);
    expect(boundedJson(nested(64), 1_000)).toBeDefined();
    expect(boundedJson(nested(66), 1_000)).toBeUndefined();
    expect(boundedJson(nested(30_000), 100_000)).toBeUndefined();
    expect(boundedJson('{', 10)).toBeUndefined();
  });
});

describe('a frame', () => {
  it.each([
    undefined,
    null,
    {},
    { kind: 'pong', id: 1 },
    '',
    '[]',
    '{"kind":"pong"}',
    '{"kind":"pong","id":"1"}',
    '{"kind":"pong","id":1.5}',
    '{"kind":"other","id":1}',
    '{"kind":"not-loaded","reason":"private","detail":""}',
    `{"kind":"failed","id":1,"how":"told","detail":"${'x'.repeat(501)}"}`,
    `{"kind":"done","id":1,"result":"${'x'.repeat(3 * 1024 * 1024)}"}`,
  ])('is not %j', (message) => {
    expect(readFrame(message)).toBeUndefined();
  });

  it('is one of ours', () => {
    expect(readFrame('{"kind":"pong","id":1,"__proto__":{"x":1}}')).toEqual({ kind: 'pong', id: 1 });
  });
});

describe('the secret mask', () => {
  it('leaves no secret in any JSON value, and others as they are', () => {
    const secret = fc.string({
      minLength: 6,
      maxLength: 12,
      unit: fc.constantFrom('s', 'e', '"', '\\', '7', 'ü'),
    });
    fc.assert(
      fc.property(secret, fc.jsonValue({ maxDepth: 3 }), fc.string(), (hidden, value, around) => {
        const mask = new SecretMask();
        expect(mask.value(value)).toEqual(value);
        mask.add(hidden);
        const masked = mask.value({ [around + hidden]: [value, { a: around + hidden + around }] });
        const texts = (one: unknown): string[] =>
          typeof one === 'object' && one !== null
            ? Object.entries(one).flatMap(([key, inner]) => [key, ...texts(inner)])
            : [String(one)];
        expect(texts(masked).filter((text) => text.includes(hidden))).toEqual([]);
      }),
    );
    const mask = new SecretMask();
    mask.add('');
    mask.add('12345678');
    expect(mask.value({ n: 12_345_678, m: 1, t: true, z: null })).toEqual({
      n: '[secret]',
      m: 1,
      t: true,
      z: null,
    });
  });
});
