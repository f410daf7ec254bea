import { describe, expect, it } from 'vitest';
import { chooseDestination, transferSchema } from '../../../../shared/voice/tenants/transfer.ts';

const { destinations } = transferSchema.parse({
  destinations: [
    { name: 'Front desk', number: '+61255501111', hours: 'open' },
    { name: 'Accounts', description: 'invoices and payments', number: '+61255502222', hours: 'open' },
    { name: 'On-call plumber', number: '+61255503333', urgency: 'emergency' },
    { name: 'Answering service', sipUri: 'sip:night@example.com', hours: 'closed' },
  ],
});

const chosen = (need: Partial<Parameters<typeof chooseDestination>[1]>) =>
  chooseDestination(destinations, { wanted: undefined, isEmergency: false, isOpen: true, ...need })?.name;

describe('chooseDestination', () => {
  it.each([
    [{}, 'Front desk'],
    [{ wanted: 'accounts' }, 'Accounts'],
    [{ wanted: 'I have a question about INVOICES' }, 'Accounts'],
    [{ wanted: 'something else' }, 'Front desk'],
    [{ isEmergency: true }, 'On-call plumber'],
    [{ isEmergency: true, isOpen: false }, 'On-call plumber'],
    [{ isOpen: false }, 'Answering service'],
    [{ isOpen: false, wanted: 'accounts' }, 'Answering service'],
    [{ isOpen: undefined, wanted: 'answering' }, 'Answering service'],
    [{ wanted: 'on-call plumber' }, 'Front desk'],
  ])('for %j is the %s', (need, expected) => {
    expect(chosen(need)).toBe(expected);
  });

  it('is none where nobody can be reached', () => {
    const [desk] = destinations;
    expect(
      desk && chooseDestination([desk], { wanted: 'x', isEmergency: true, isOpen: false }),
    ).toBeUndefined();
    expect(chooseDestination([], { wanted: undefined, isEmergency: false, isOpen: true })).toBeUndefined();
  });
});

describe('transferSchema', () => {
  it.each([
    [{ name: 'a', number: '0255501234' }, 'E.164'],
    [{ name: 'a', sipUri: 'night@example.com' }, 'sip:'],
    [{ name: 'a' }, 'Invalid input'],
  ])('says what is wrong with %j', (given, expected) => {
    expect(() => transferSchema.parse({ destinations: [given] })).toThrow(expected);
  });

  it('wants names that differ', () => {
    const twice = ['Desk', 'desk'].map((name) => ({ name, number: '+61255501111' }));
    expect(() => transferSchema.parse({ destinations: twice })).toThrow('another destination too');
  });
});
