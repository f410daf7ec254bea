import { expect, it } from 'vitest';
import { createVoice, sampleMessage } from '../../../support/voice.ts';

function noted(id: string, outcome: string, timestamp: number | string) {
  const call = { id, function: { name: 'log_call_outcome', arguments: { outcome } } };
  return { ...sampleMessage('tool-calls', { timestamp, toolCalls: undefined }), toolCallList: [call] };
}

it.each([
  ['milliseconds', (ms: number) => ms],
  ['ISO text', (ms: number) => new Date(ms).toISOString()],
])(
  'the outcome asked for last stays when an earlier one is delivered again, timed in %s',
  async (_, timed) => {
    const voice = await createVoice();
    const first = noted('call_1', 'message_taken', timed(1_795_208_660_000));
    const last = noted('call_2', 'booked', timed(1_795_208_670_000));
    for (const message of [first, last, first]) expect((await voice.answer(message)).status).toBe(200);
    expect(await Array.fromAsync(voice.calls.list('acme'))).toMatchObject([{ outcome: 'booked' }]);
  },
);
