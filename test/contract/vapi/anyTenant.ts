import fc from 'fast-check';
import { type Tenant, type TenantInput, tenantSchema } from '../../../shared/voice/tenants/tenant.ts';
import { builtInToolNames } from '../../../shared/voice/tools/builtInNames.ts';
import { membersOfType, sdkType, variantsOf, wordsOfType } from './sdkTypes.ts';

/** Texts somebody might write, or send to do harm: line breaks, half characters, templates, names of headings. */
const pieces = fc.oneof(
  fc.constantFrom(
    ...[
      '\n',
      '\r\n',
      '\u2028',
      '\u0000',
      '\u0085',
      '\ud83d',
      '\udc00',
      '🚰',
      '👩‍🔧',
      'ﷺ',
      '\u202e',
      '{{customer.number}}',
    ],
    ...['{% if x %}', '"', '\\', '</system>', 'Rules:', '- ', '$&', '__proto__', 'é', '  '],
  ),
  fc.string({ minLength: 1, maxLength: 8, unit: 'binary' }),
);

/** Such a text of at most `most` characters that is not blank, now and then exactly that long. */
export function anyText(most: number): fc.Arbitrary<string> {
  return fc.tuple(fc.array(pieces, { maxLength: 5 }), fc.boolean()).map(([given, isLong]) => {
    const text = `a${given.join('')}z`;
    const long = isLong ? text.repeat(Math.ceil(most / text.length)) : text;
    return `${long.slice(0, most - 1)}z`;
  });
}

/** A list of none, one, two or as many as there may be. */
function anyList<T>(item: fc.Arbitrary<T>, most: number, least = 0): fc.Arbitrary<T[]> {
  const length = fc.constantFrom(...new Set([least, Math.max(1, least), 2, most]));
  return fc
    .tuple(fc.array(item, { minLength: 1, maxLength: 3 }), length)
    .map(([items, wanted]) => Array.from({ length: wanted }, (_, i) => items[i % items.length] as T));
}

const optional = { requiredKeys: [] };

export type Part = 'model' | 'voice' | 'transcriber';
export const sdkParts: Readonly<Record<Part, string>> = {
  model: 'CreateAssistantDtoModel',
  voice: 'CreateAssistantDtoVoice',
  transcriber: 'CreateAssistantDtoTranscriber',
};

/** Members that Gatehouse adds where a provider needs them. */
const added = ['customVocabulary'];

/** What the SDK says of one provider's entry: the words of its closed members, `any` text of the others. */
export interface SdkEntry {
  provider: string;
  takes: Readonly<Record<string, 'any' | string[]>>;
  needs: string[];
  /** A tenant can name all that it needs. */
  isUsable: boolean;
}

const nameable: Readonly<Record<Part, readonly string[]>> = {
  model: ['model', 'temperature'],
  voice: ['voiceId', 'model'],
  transcriber: ['model', 'language'],
};

/** Every provider of a part as the SDK's types have it, with the members a tenant can name. */
export function sdkEntries(part: Part): SdkEntry[] {
  return variantsOf(sdkType(sdkParts[part])).map((variant) => {
    const members = membersOfType(variant);
    const provider = members.get('provider')?.type;
    if (provider?.kind !== 'literal') throw new Error(`a ${part} without a provider`);
    const known = nameable[part].flatMap((name) => {
      const member = members.get(name);
      return member ? [[name, wordsOfType(member.type) ?? ('any' as const)] as const] : [];
    });
    const needs = [...members]
      .filter(([name, { isOptional }]) => !isOptional && name !== 'provider')
      .map(([name]) => name);
    return {
      provider: String(provider.value),
      takes: Object.fromEntries(known),
      needs,
      isUsable: needs.every((name) => nameable[part].includes(name) || added.includes(name)),
    };
  });
}

function anyValue(name: string, choices: 'any' | string[]): fc.Arbitrary<unknown> {
  if (name === 'temperature') return fc.double({ min: 0, max: 2, noNaN: true });
  return choices === 'any'
    ? fc.constantFrom('some-name', 'en-AU-NatashaNeural', 'a/b:c')
    : fc.constantFrom(...choices);
}

/** An entry Vapi takes: of a provider for which a tenant can name all that it needs. */
export function rightEntry(part: Part): fc.Arbitrary<Record<string, unknown>> {
  const usable = sdkEntries(part).filter(({ isUsable }) => isUsable);
  return fc.constantFrom(...usable).chain(({ provider, takes, needs }) => {
    const members = Object.entries(takes).map(([name, choices]) => [name, anyValue(name, choices)] as const);
    const always = [...needs, part === 'model' ? 'model' : 'voiceId'].filter((name) => name in takes);
    return fc
      .record(Object.fromEntries(members), { requiredKeys: always })
      .map((chosen) => ({ provider, ...chosen }));
  });
}

/** An entry of which anything may be wrong that our own schema lets through. */
export function anyEntry(part: Part): fc.Arbitrary<Record<string, unknown>> {
  const entries = sdkEntries(part);
  const words = entries.flatMap(({ takes }) => Object.values(takes)).flat();
  // Longer ones our own schema refuses.
  const text = (most: number) =>
    fc.oneof(fc.constantFrom(...words.filter((word) => word.length <= most)), fc.constant('nothing-known'));
  const names = nameable[part].filter((name) => name !== 'temperature');
  const needed = { model: ['model'], voice: ['voiceId'], transcriber: [] }[part];
  const provider = fc.constantFrom(...entries.map((entry) => entry.provider), 'nobody', 'constructor');
  return fc.oneof(
    rightEntry(part),
    fc.record(
      { provider, ...Object.fromEntries(names.map((name) => [name, text(name === 'language' ? 20 : 100)])) },
      { requiredKeys: ['provider', ...needed] as never[] },
    ),
  );
}

const clock = fc
  .tuple(fc.integer({ min: 0, max: 23 }), fc.integer({ min: 0, max: 59 }))
  .map((time) => time.map((part) => String(part).padStart(2, '0')).join(':'));
const span = fc.record({ open: clock, close: clock }).filter(({ open, close }) => open !== close);
const spans = anyList(span, 4);
const date = fc
  .date({ min: new Date('2026-01-01'), max: new Date('2027-12-31'), noInvalidDate: true })
  .map((day) => day.toISOString().slice(0, 10));
const hours = fc.record(
  {
    monday: spans,
    saturday: spans,
    sunday: spans,
    holidays: anyList(
      fc.record({ date, name: anyText(80), hours: spans }, { requiredKeys: ['date', 'name'] }),
      100,
    ),
  },
  optional,
);

const number = fc.stringMatching(/^\+[1-9]\d{6,14}$/);
const target = {
  description: anyText(300),
  message: fc.oneof(fc.constant(''), anyText(1_000)),
  hours: fc.constantFrom('always' as const, 'open' as const, 'closed' as const),
  urgency: fc.constantFrom('any' as const, 'emergency' as const),
};
const destination = fc.oneof(
  fc.record(
    { ...target, name: anyText(70), number, extension: fc.stringMatching(/^[\d*#,wW]{1,10}$/) },
    { requiredKeys: ['name', 'number'] },
  ),
  fc.record(
    {
      ...target,
      name: anyText(70),
      sipUri: fc.constantFrom('sip:desk@example.com', 'sips:a+b@[2001:db8::1]:5061'),
    },
    { requiredKeys: ['name', 'sipUri'] },
  ),
  fc.record(
    { ...target, name: anyText(70), assistantId: fc.uuid() },
    { requiredKeys: ['name', 'assistantId'] },
  ),
);
const transfer = anyList(destination, 20).map((destinations) => ({
  // No two may have one name.
  destinations: destinations.map((one, i) => ({ ...one, name: `${one.name}${i}` })),
}));

const service = fc.oneof(
  anyText(200),
  fc.record(
    { name: anyText(200), description: anyText(500), price: anyText(200) },
    { requiredKeys: ['name'] },
  ),
);

const assistant = fc.record(
  {
    model: rightEntry('model'),
    voice: rightEntry('voice'),
    transcriber: rightEntry('transcriber'),
    instructions: anyText(4_000),
    endCallMessage: anyText(1_000),
    maxDurationSeconds: fc.oneof(fc.constantFrom(10, 43_200), fc.integer({ min: 10, max: 43_200 })),
  },
  optional,
);

const members = {
  timezone: fc.constantFrom(
    'Australia/Sydney',
    'UTC',
    'America/St_Johns',
    'Pacific/Kiritimati',
    'Asia/Kathmandu',
  ),
  address: anyText(300),
  languages: fc.uniqueArray(fc.constantFrom('en-AU', 'vi', 'zh-Hant', 'ar', 'pt-BR'), { minLength: 1 }),
  greeting: fc.record({ open: anyText(500), closed: anyText(500) }, optional),
  transfer,
  emergencies: anyList(fc.record({ when: anyText(200), advise: anyText(500) }), 20),
  faq: anyList(fc.record({ question: anyText(300), answer: anyText(2_000) }), 200),
  assistant,
  tools: fc.record(
    {
      functions: fc.array(fc.constantFrom(...builtInToolNames, 'elsewhere'), { maxLength: 32 }),
      endCall: fc.boolean(),
      sms: fc.boolean(),
      dtmf: fc.boolean(),
    },
    optional,
  ),
  recording: fc.oneof(
    fc.record({ enabled: fc.boolean(), notice: anyText(300) }, optional),
    fc.record({ consent: fc.constantFrom('stay-on-line' as const, 'verbal' as const), notice: anyText(300) }),
  ),
  pricePolicy: anyText(300),
  intake: anyList(anyText(200), 10),
};

/** Any tenant our schema takes and Vapi has nothing against: each optional member there or not, lists up to their longest. */
export const anyTenant: fc.Arbitrary<Tenant> = fc
  .tuple(
    fc.record(
      {
        tenantId: fc.stringMatching(/^[a-z0-9][a-z0-9_-]{5,62}$/),
        businessName: anyText(200),
        services: anyList(service, 50, 1),
        ...members,
      },
      { requiredKeys: ['tenantId', 'businessName', 'services'] },
    ),
    fc.oneof(
      fc.record({ hours }),
      anyText(200).map((businessHours) => ({ businessHours })),
    ),
  )
  .map(([tenant, open]) => tenantSchema.parse({ ...tenant, ...open } as TenantInput));

/** Any moment of a century. */
export const anyTime = fc.date({
  min: new Date('2000-01-01'),
  max: new Date('2100-01-01'),
  noInvalidDate: true,
});
