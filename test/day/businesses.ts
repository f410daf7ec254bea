import type { TenantInput } from '../../shared/voice/tenants/tenant.ts';
import type { Dice } from './dice.ts';

interface Kind {
  slug: string;
  name: string;
  services: readonly string[];
  timezone: string;
  faq: readonly (readonly [question: string, answer: string])[];
}

const kinds: readonly Kind[] = [
  {
    slug: 'plumber',
    name: 'Plumbing',
    services: ['Blocked drains', 'Hot water repairs', 'Gas fitting', 'Leak detection'],
    timezone: 'Australia/Sydney',
    faq: [['Do you charge for a quote?', 'No, quotes are free within 30 km.']],
  },
  {
    slug: 'dentist',
    name: 'Dental Care',
    services: ['Check-up', 'Emergency appointment', 'Whitening'],
    timezone: 'Europe/London',
    faq: [['Is there parking?', 'Yes, behind the building.']],
  },
  {
    slug: 'bistro',
    name: 'Bistro',
    services: ['Table booking', 'Private dining', 'Catering'],
    timezone: 'Europe/Berlin',
    faq: [['Do you have vegan dishes?', 'Four on every menu.']],
  },
  {
    slug: 'lawyer',
    name: 'Legal',
    services: ['Conveyancing', 'Wills', 'Family law'],
    timezone: 'America/New_York',
    faq: [['What does a first meeting cost?', 'The first half hour is free.']],
  },
  {
    slug: 'vet',
    name: 'Animal Hospital',
    services: ['Vaccination', 'Surgery', 'Grooming'],
    timezone: 'America/Los_Angeles',
    faq: [['Do you see rabbits?', 'Rabbits, birds and reptiles, every day.']],
  },
];

const subscriptions = [
  ['lead.created', 'lead.updated'],
  ['call.ended'],
  ['message.taken', 'callback.requested', 'call.ended'],
] as const;

/** Businesses of several kinds, each with a line of its own; most with a system that wants to be told. `crm` is its address. */
export function planTenants(dice: Dice, count: number, crm: string): TenantInput[] {
  return Array.from({ length: count }, (_, i) => planTenant(dice, i, crm));
}

function planTenant(dice: Dice, i: number, crm: string): TenantInput {
  const kind = dice.pick(kinds);
  const tenantId = `${kind.slug}-${i}`;
  const hours = dice.chance(0.5)
    ? { businessHours: 'Mon–Fri 8am–6pm' }
    : { hours: { monday: [{ open: '08:00', close: '18:00' }], friday: [{ open: '09:00', close: '12:00' }] } };
  return {
    tenantId,
    businessName: `${dice.pick(['North', 'Harbour', 'Old Town', 'Hill Street'])} ${kind.name} ${i}`,
    ...hours,
    services: kind.services.map((name, n) => (n === 0 ? { name, price: 'from 90 dollars' } : name)),
    timezone: kind.timezone,
    faq: kind.faq.map(([question, answer]) => ({ question, answer })),
    ...(dice.chance(0.3) ? { recording: { enabled: true, notice: 'This call is recorded.' } } : {}),
    ...(dice.chance(0.3) ? { retentionDays: 90 } : {}),
    ...(dice.chance(0.85) ? { delivery: planDelivery(dice, `${crm}/hooks/${tenantId}`) } : {}),
    // Some lines are known by their number alone.
    phoneNumberIds: i % 10 === 3 ? [] : [dice.uuid()],
    phoneNumbers: [`+612555${String(i).padStart(5, '0')}`],
    assistantIds: [dice.uuid()],
  };
}

function planDelivery(dice: Dice, url: string): TenantInput['delivery'] {
  const secrets = Array.from({ length: dice.int(1, 2) }, () => dice.signingSecret());
  return dice.chance(0.25) ? { url, secrets, events: [...dice.pick(subscriptions)] } : { url, secrets };
}
