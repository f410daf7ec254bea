import { describe, expect, it } from 'vitest';
import { MemoryRoom } from '../../../shared/audit/intake/memoryRoom.ts';
import { readAuditRequest } from '../../../shared/audit/intake/readAuditRequest.ts';
import { readFiles } from '../../../shared/audit/intake/readFiles.ts';
import { tree } from '../../support/archive.ts';
import { auditSettings } from '../../support/audit.ts';
import { request } from '../../support/http.ts';

const mb = 1024 * 1024;
const size = { bytes: 10 * mb, setting: 'GATEHOUSE_AUDIT_MAX_IN_FLIGHT_MB' };
const noWait = 0;

describe('the room for audits in memory', () => {
  it('is given out and taken back', () => {
    const room = new MemoryRoom();
    const [a, b] = [room.open(size), room.open(size)];
    expect(a.hold(3.5 * mb)).toBeUndefined();
    expect(a.hold(2 * mb)).toBeUndefined();
    expect(b.hold(6 * mb)).toBeUndefined();
    expect(room.held).toBe(10 * mb);
    a[Symbol.dispose]();
    a[Symbol.dispose]();
    expect(room.held).toBe(6 * mb);
    b[Symbol.dispose]();
    expect(room.held).toBe(0);
  });

  it('is given out to its last byte', () => {
    const room = new MemoryRoom();
    expect(room.open({ ...size, bytes: 1.5 * mb }).hold(1.2 * mb)).toBeUndefined();
    expect(room.held).toBe(1.5 * mb);
  });

  it('takes back what was reserved and is not needed', async () => {
    const room = new MemoryRoom();
    const share = room.open(size);
    void share.hold(8 * mb);
    const waiting = room.open(size, 60_000).hold(5 * mb);
    share.lower(9 * mb);
    expect(room.held).toBe(8 * mb);
    share.lower(2.5 * mb);
    await waiting;
    expect(room.held).toBe(8 * mb);
  });

  it('is reserved by the length of an upload before it is read', async () => {
    const room = new MemoryRoom();
    const settings = auditSettings({ GATEHOUSE_AUDIT_MAX_IN_FLIGHT_MB: '8' });
    using _ = room.open(settings.inFlight);
    const first = room.open(settings.inFlight);
    void first.hold(4 * mb);
    const body = await tree({ 'a.ts': 'a', 'hld.md': '- It must.' });
    const limits = {
      maxBody: { bytes: 2 ** 22, setting: 'x' },
      maxJson: { bytes: 10_000, setting: 'y' },
    };
    const headers = { 'content-type': 'application/gzip', 'content-length': `${2 * mb}` };
    const reading = readAuditRequest(
      request({ body, headers, query: { hld: 'hld.md' } }),
      settings,
      limits,
      room,
    );
    first[Symbol.dispose]();
    using held = await reading;
    expect([held.input.files.length, room.held]).toEqual([1, mb]);
  });

  it('is refused for good to what never fits, with what to do', () => {
    const share = new MemoryRoom().open(size);
    expect(() => share.hold(11 * mb)).toThrow(
      expect.objectContaining({ code: 'payload-too-large', message: expect.stringContaining(size.setting) }),
    );
  });

  it('is waited for at the start, and refused for now when it takes too long', async () => {
    const room = new MemoryRoom();
    const first = room.open(size);
    void first.hold(8 * mb);
    await expect(room.open(size, noWait).hold(4 * mb)).rejects.toMatchObject({
      code: 'at-capacity',
      status: 503,
      retryAfter: 15,
    });
    const second = room.open(size, 60_000);
    const waiting = second.hold(4 * mb);
    first[Symbol.dispose]();
    await waiting;
    expect(room.held).toBe(4 * mb);
  });

  it('lets only the oldest wait for more, so that none waits for another in a circle', async () => {
    const room = new MemoryRoom();
    const [old, young] = [room.open(size, 60_000), room.open(size, 60_000)];
    void old.hold(5 * mb);
    void young.hold(5 * mb);
    const waiting = old.hold(8 * mb);
    expect(() => young.hold(6 * mb)).toThrow(expect.objectContaining({ code: 'at-capacity' }));
    young[Symbol.dispose]();
    await waiting;
    expect(room.held).toBe(8 * mb);
  });

  it('is held for all the files of an audit, each up to the size of a file', async () => {
    const room = new MemoryRoom();
    const text = 'const a = 1234;\n'.repeat(mb / 16);
    const settings = auditSettings({ GATEHOUSE_AUDIT_MAX_FILE_MB: '1' });
    const files = { 'a.ts': text, 'b.ts': text, 'c.ts': `${text}x` };
    using held = await readFiles({ files, design: '- It must.' }, settings, room);
    expect(held.input.files.map(({ path }) => path)).toEqual(['a.ts', 'b.ts']);
    expect(room.held).toBeGreaterThanOrEqual(2 * mb);
  });

  it('is held by an audit until it ends', async () => {
    const room = new MemoryRoom();
    {
      using held = await readFiles({ files: { 'a.ts': 'a' }, design: '- It must.' }, auditSettings(), room);
      expect([held.input.files.length, room.held]).toEqual([1, mb]);
    }
    expect(room.held).toBe(0);
    await expect(readFiles({ files: {}, design: '- It must.' }, auditSettings(), room)).rejects.toMatchObject(
      {
        code: 'empty-tree',
      },
    );
    expect(room.held).toBe(0);
  });
});
