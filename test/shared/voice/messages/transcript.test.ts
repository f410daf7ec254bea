import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { turnsOf } from '../../../../shared/voice/messages/conversation.ts';
import { countTurns, readTranscript, readUtterances } from '../../../../shared/voice/messages/transcript.ts';

const said = [
  { role: 'bot', message: 'Hello.' },
  { role: 'user', message: 'Hi.' },
];

describe('readUtterances', () => {
  it('gives each with its role, lines that go on with the one before', () => {
    expect(readUtterances('AI: Hello.\r\nHow can I help?\nUser: My drain\n\nis blocked.\nAI: Oh.\n')).toEqual(
      [
        { role: 'assistant', text: 'Hello.\nHow can I help?' },
        { role: 'user', text: 'My drain\n\nis blocked.' },
        { role: 'assistant', text: 'Oh.' },
      ],
    );
  });

  it('keeps what begins with no speaker that is known', () => {
    expect(readUtterances('Receptionist: Hello.\nAI: Hi.')).toEqual([
      { text: 'Receptionist: Hello.' },
      { role: 'assistant', text: 'Hi.' },
    ]);
    expect(readUtterances('AI:\nUser: \n')).toEqual([]);
  });

  it('reads back what a transcript was put together from', () => {
    const text = fc.stringMatching(/^[a-z][a-z .]{0,18}[a-z]$/);
    const turn = fc.record({ role: fc.constantFrom('user' as const, 'assistant' as const), text });
    fc.assert(
      fc.property(fc.array(turn, { minLength: 1 }), (turns) => {
        const messages = turns.map(({ role, text: message }) => ({ role, message }));
        expect(readUtterances(readTranscript({ messages }) ?? '')).toEqual(turns);
      }),
    );
  });
});

describe('a conversation and its transcript', () => {
  it.each([
    [{ messages: [...said, { role: 'customer', message: 'Bye.' }] }],
    [{ artifact: { messages: [...said, { role: 'customer', message: 'Bye.' }] } }],
    [
      {
        conversation: [
          ...said.map(({ role, message: content }) => ({ role, content })),
          { role: 'user', content: 'Bye.' },
        ],
      },
    ],
  ])('are the same turns: %j', (message) => {
    expect(turnsOf(message)).toEqual([
      { role: 'assistant', text: 'Hello.' },
      { role: 'user', text: 'Hi.' },
      { role: 'user', text: 'Bye.' },
    ]);
    expect(readTranscript(message)).toBe('AI: Hello.\nUser: Hi.\nUser: Bye.');
    expect(countTurns(message)).toBe(2);
  });
});
