import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { Flusher } from '../../../shared/telemetry/flusher.ts';

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

function setup(send: () => Promise<void> = async () => {}) {
  const sent = vi.fn(send);
  return { sent, flusher: new Flusher(sent, () => performance.now()) };
}

const never = () => new Promise<void>(() => {});

describe('flush', () => {
  it('waits for the sending', async () => {
    let isDone = false;
    const { flusher } = setup(async () => {
      await new Promise((resolve) => setTimeout(resolve, 20));
      isDone = true;
    });
    const flushed = flusher.flush(100);
    await vi.advanceTimersByTimeAsync(20);
    await flushed;
    expect(isDone).toBe(true);
  });

  it('returns at its bound when the sending hangs, each caller at its own', async () => {
    const { flusher, sent } = setup(never);
    const ended: string[] = [];
    const short = flusher.flush(50).then(() => ended.push('short'));
    const long = flusher.flush(200).then(() => ended.push('long'));
    await vi.advanceTimersByTimeAsync(50);
    expect(ended).toEqual(['short']);
    await vi.advanceTimersByTimeAsync(150);
    await Promise.all([short, long]);
    expect(ended).toEqual(['short', 'long']);
    expect(sent).toHaveBeenCalledTimes(1);
  });

  it('shares one sending among callers at once, and starts anew afterwards', async () => {
    const { flusher, sent } = setup(() => new Promise((resolve) => setTimeout(resolve, 10)));
    const three = Promise.all([flusher.flush(100), flusher.flush(100), flusher.flush(100)]);
    await vi.advanceTimersByTimeAsync(10);
    await three;
    expect(sent).toHaveBeenCalledTimes(1);
    const again = flusher.flush(100);
    await vi.advanceTimersByTimeAsync(10);
    await again;
    expect(sent).toHaveBeenCalledTimes(2);
  });

  it.each([
    ['rejects', () => Promise.reject(new Error('no collector'))],
    [
      'throws',
      () => {
        throw new Error('no exporter');
      },
    ],
  ])('never rejects when the sending %s', async (_how, send) => {
    const { flusher, sent } = setup(send);
    await expect(flusher.flush(10)).resolves.toBeUndefined();
    await expect(flusher.flush(10)).resolves.toBeUndefined();
    expect(sent).toHaveBeenCalledTimes(2);
  });
});

describe('flushSoon', () => {
  it('sends a quarter of a second after the last call, and not before', async () => {
    const { flusher, sent } = setup();
    for (let ms = 0; ms < 2900; ms += 10) {
      flusher.flushSoon();
      await vi.advanceTimersByTimeAsync(10);
    }
    expect(sent).toHaveBeenCalledTimes(0);
    await vi.advanceTimersByTimeAsync(250);
    expect(sent).toHaveBeenCalledTimes(1);
    await vi.advanceTimersByTimeAsync(5000);
    expect(sent).toHaveBeenCalledTimes(1);
    flusher.flushSoon();
    await vi.advanceTimersByTimeAsync(250);
    expect(sent).toHaveBeenCalledTimes(2);
  });

  it('can be called off', async () => {
    const { flusher, sent } = setup();
    flusher.flushSoon();
    flusher.flushSoon();
    flusher.stop();
    await vi.advanceTimersByTimeAsync(5000);
    expect(sent).toHaveBeenCalledTimes(0);
  });
});
