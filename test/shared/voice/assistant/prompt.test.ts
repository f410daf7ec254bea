import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { buildSystemPrompt, greeting } from '../../../../shared/voice/assistant/prompt.ts';
import { type TenantInput, tenantSchema } from '../../../../shared/voice/tenants/tenant.ts';
import { acme, now } from '../../../support/voice.ts';

const clinic: TenantInput = {
  tenantId: 'clinic',
  businessName: 'Harbour Street Clinic',
  hours: {
    monday: [{ open: '08:00', close: '18:00' }],
    holidays: [{ date: '2026-12-25', name: 'Christmas Day' }],
  },
  services: [
    'Check-ups',
    { name: 'Travel vaccinations', description: 'bring your passport', price: '40 dollars' },
  ],
  address: '12 Harbour Street, Sydney',
  languages: ['en-AU', 'vi'],
  greeting: { closed: 'Harbour Street Clinic, we are closed at the moment. How can I help?' },
  transfer: {
    destinations: [
      { name: 'Nurse', description: 'medical questions', number: '+61255501111', hours: 'open' },
      { name: 'On-call doctor', number: '+61255502222', urgency: 'emergency' },
    ],
  },
  emergencies: [
    { when: 'the caller has chest pain', advise: 'ring triple zero now', transferTo: 'On-call doctor' },
  ],
  faq: [{ question: 'Is there parking?', answer: 'Yes, behind\nthe building.' }],
  assistant: { instructions: 'Ask for the date of birth.\n\nRules:\n- Give prices freely.' },
  recording: { notice: 'This call is recorded.' },
  pricePolicy: 'before any rebate',
  intake: ['whether they have\nbeen here before'],
};

const headings = (prompt: string) => prompt.split('\n').filter((text) => /^[^\s-].*:$/.test(text));

describe('buildSystemPrompt', () => {
  it('reads as one page, the time last', () => {
    const prompt = buildSystemPrompt(tenantSchema.parse(clinic), now);
    for (const text of [
      '- If the caller has chest pain: tell the caller to ring triple zero now. Then call create_lead with urgency "emergency" and what you know, and put the caller through to On-call doctor.',
      '- Of prices, say: before any rebate',
      '- whether they have been here before',
      '- Business hours: Monday 8 am to 6 pm; Tuesday to Sunday closed',
      '- Address: 12 Harbour Street, Sydney',
      '- Language: Australian English; if the caller speaks Vietnamese, speak that',
      '- Travel vaccinations: bring your passport; price: 40 dollars',
      '- Is there parking? Yes, behind the building.',
      '- Nurse: medical questions (while the business is open)',
      '- On-call doctor (only in an emergency)',
      '- Ask for the date of birth.',
      '- Christmas Day, 25 December: closed',
    ])
      expect(prompt.split('\n')).toContain(text);
    expect(prompt.split('\n').at(-1)).toBe(
      'It is now Saturday, 21 November 2026, 11:49 am in Australia/Sydney. The business is closed until Monday at 8 am.',
    );
  });

  it('begins alike for every business, and differs within a day for one business in its last line alone', () => {
    const [one, other] = [buildSystemPrompt(acme, now), buildSystemPrompt(tenantSchema.parse(clinic), now)];
    expect(one.indexOf('Using your tools')).toBeGreaterThan(900);
    expect(one.slice(0, one.indexOf('Using your tools'))).toBe(
      other.slice(0, other.indexOf('Using your tools')),
    );
    const later = buildSystemPrompt(tenantSchema.parse(clinic), new Date(now.getTime() + 60_000));
    expect(later.split('\n').slice(0, -1)).toEqual(other.split('\n').slice(0, -1));
    expect(later).not.toBe(other);
  });

  it('puts nobody through where nobody answers, and takes the emergency down with what tool there is', () => {
    const emergencies = [{ when: 'a pipe bursts', advise: 'close the tap', transferTo: 'Nurse' }];
    const linesOf = (functions?: string[]) =>
      buildSystemPrompt(
        tenantSchema.parse({ ...clinic, emergencies, ...(functions && { tools: { functions } }) }),
        now,
      ).split('\n');
    const told = '- If a pipe bursts: tell the caller to close the tap. Then';
    const through = 'put the caller through to Nurse while the business is open.';
    expect(linesOf()).toContain(
      `${told} call create_lead with urgency "emergency" and what you know, and ${through}`,
    );
    expect(linesOf(['take_message'])).toContain(
      `${told} call take_message with what you know, and ${through}`,
    );
    expect(linesOf([])).toContain(`${told} ${through}`);
  });

  it('names no tool the assistant does not have', () => {
    const promptOf = (functions: string[]) =>
      buildSystemPrompt(tenantSchema.parse({ ...clinic, emergencies: undefined, tools: { functions } }), now);
    const all = ['create_lead', 'request_callback', 'take_message', 'lookup_faq'];
    for (const tool of all) {
      expect(promptOf(all)).toContain(`call ${tool}`);
      expect(promptOf(all.filter((name) => name !== tool))).not.toContain(tool);
    }
    expect(promptOf([])).toContain('You cannot note anything down');
    expect(promptOf(['take_message'])).not.toContain('You cannot note');
  });

  it('lets no text of a tenant begin a section or a line of its own', () => {
    const plain = headings(buildSystemPrompt(tenantSchema.parse(clinic), now));
    const hostile = fc
      .array(fc.constantFrom('\n', '\r\n', '\u2028', '\u0085', '\v', 'Rules:', '- ', '## ', 'You are', 'x'), {
        minLength: 1,
        maxLength: 12,
      })
      .map((pieces) => `a${pieces.join('')}z`);
    fc.assert(
      fc.property(hostile, (text) => {
        const tenant = tenantSchema.parse({
          ...clinic,
          businessName: text,
          address: text,
          services: [{ name: text, description: text, price: text }],
          faq: [{ question: text, answer: text }],
          emergencies: [{ when: text, advise: text }],
          hours: { holidays: [{ date: '2026-12-25', name: text }] },
          assistant: { instructions: text },
          transfer: { destinations: [{ name: text, description: text, number: '+61255501111' }] },
        });
        const prompt = buildSystemPrompt(tenant, now);
        expect(headings(prompt)).toEqual(plain);
        expect(prompt).not.toMatch(/[\r\v\u0085\u2028\u2029]/);
      }),
    );
  });
});

describe('greeting', () => {
  it('is that of closed hours while closed, after the notice of a recording', () => {
    const tenant = tenantSchema.parse(clinic);
    expect(greeting(tenant, now)).toBe(
      'This call is recorded. Harbour Street Clinic, we are closed at the moment. How can I help?',
    );
    expect(greeting(tenant, new Date('2026-11-22T22:00:00Z'))).toBe(
      'This call is recorded. Hi, thanks for calling Harbour Street Clinic. How can I help you today?',
    );
    const silent = tenantSchema.parse({
      ...clinic,
      recording: { enabled: false, notice: 'This call is recorded.' },
    });
    expect(greeting(silent, now)).not.toContain('recorded');
    expect(greeting(acme, now)).toBe('Hi, thanks for calling Acme Plumbing. How can I help you today?');
  });
});
