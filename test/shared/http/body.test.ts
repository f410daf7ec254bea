import { describe, expect, it } from 'vitest';
import { parseJson, readBytes } from '../../../shared/http/body.ts';
import { request } from '../../support/http.ts';

const limit = { bytes: 100, setting: 'GATEHOUSE_MAX_BODY_MB' };

describe('readBytes', () => {
  it('gives the whole body', async () => {
    expect((await readBytes(request({ body: 'grüß' }), limit)).toString()).toBe('grüß');
    expect(await readBytes(request(), limit)).toHaveLength(0);
  });

  it('stops at the limit, declared or counted', async () => {
    await expect(readBytes(request({ body: 'x'.repeat(101) }), limit)).rejects.toMatchObject({
      code: 'payload-too-large',
      message: expect.stringContaining('raise GATEHOUSE_MAX_BODY_MB'),
    });
    await expect(
      readBytes(request({ body: 'x', headers: { 'content-length': '101' } }), limit),
    ).rejects.toMatchObject({ status: 413 });
    expect(await readBytes(request({ body: 'x'.repeat(100) }), limit)).toHaveLength(100);
  });
});

describe('parseJson', () => {
  it('reads UTF-8', () => {
    expect(parseJson(Buffer.from('{"a":"ü"}'))).toEqual({ a: 'ü' });
  });

  it('says where parsing stopped and repeats nothing', () => {
    expect(() => parseJson(Buffer.from('{"secret": oops}'))).toThrow(/UTF-8\..*character 11|UTF-8\./);
    expect(() => parseJson(Buffer.from('{"secret": oops}'))).not.toThrow(/secret|oops/);
  });

  it('refuses bytes that are no UTF-8', () => {
    expect(() => parseJson(Buffer.from([0x22, 0xff, 0x22]))).toThrow('must be JSON in UTF-8');
  });
});
