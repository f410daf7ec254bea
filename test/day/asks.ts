import type { TenantInput } from '../../shared/voice/tenants/tenant.ts';
import type { Caller } from './caller.ts';
import type { Dice } from './dice.ts';
import type { Effect, ToolAsk } from './toolAsk.ts';

const purposes = [
  'lead',
  'lead',
  'correction',
  'message',
  'callback',
  'question',
  'mixed',
  'refused',
  'nothing',
] as const;
const urgencies = ['emergency', 'today', 'this_week', 'quote'] as const;
const outcomes = ['booked', 'message_taken', 'question_answered', 'other'] as const;

type Make = (name: string, args: Record<string, unknown>, effect: Effect) => ToolAsk;

/** What the model of one call asks for, in order; what stands together is asked for in one message. */
export function planAsks(dice: Dice, tenant: TenantInput | undefined, caller: Caller): ToolAsk[][] {
  const make: Make = (name, args, effect) => ({
    id: `call_${dice.letters(24, 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz')}`,
    name,
    args,
    // Nobody's line: whatever is asked for is refused.
    effect: tenant ? effect : 'refused',
  });
  const purpose = dice.pick(purposes);
  const asked = asksFor(purpose, dice, serviceOf(dice, tenant), caller, make);
  if (purpose === 'nothing' || dice.chance(0.5)) return asked;
  const noted = dice.chance(0.5) ? 2 : 1;
  return [...asked, ...Array.from({ length: noted }, () => [outcomeAsk(dice, make)])];
}

function asksFor(
  purpose: (typeof purposes)[number],
  dice: Dice,
  service: string,
  caller: Caller,
  make: Make,
): ToolAsk[][] {
  const faq = () => make('lookup_faq', { question: `May I bring ${dice.word()}?` }, 'none');
  const hours = () => make('get_business_hours', {}, 'none');
  switch (purpose) {
    case 'lead':
      return [[leadAsk(dice, service, caller, make)]];
    case 'correction':
      return [[leadAsk(dice, service, caller, make)], [leadAsk(dice, service.toUpperCase(), caller, make)]];
    case 'message':
      return [[messageAsk(dice, caller, make)]];
    case 'callback':
      return [[callbackAsk(dice, caller, make)]];
    case 'question':
      return [[faq(), hours()], [faq()]];
    case 'mixed':
      return [[leadAsk(dice, service, caller, make), hours(), messageAsk(dice, caller, make)], [faq()]];
    case 'refused':
      return [
        [make('create_lead', { urgency: 'whenever', notes: dice.word() }, 'refused')],
        [make('book_table', { guests: 4 }, 'refused'), leadAsk(dice, service, caller, make)],
      ];
    case 'nothing':
      return [];
  }
}

function serviceOf(dice: Dice, tenant: TenantInput | undefined): string {
  const service = dice.pick(tenant?.services ?? ['Anything']);
  return typeof service === 'string' ? service : service.name;
}

function leadAsk(dice: Dice, service: string, { name, other }: Caller, make: Make): ToolAsk {
  return make(
    'create_lead',
    {
      service,
      caller_name: name,
      suburb: dice.name(),
      urgency: dice.chance(0.7) ? dice.pick(urgencies) : null,
      ...(dice.chance(0.5) ? { preferred_time: `after ${dice.int(1, 5)} pm` } : {}),
      ...(dice.chance(0.3) ? { callback_number: other } : {}),
      ...(dice.chance(0.7) ? { notes: `The ${dice.word()} is broken, ask for ${dice.name()}.` } : {}),
    },
    'lead',
  );
}

function messageAsk(dice: Dice, { name, other }: Caller, make: Make): ToolAsk {
  return make(
    'take_message',
    {
      message: `Please tell ${dice.name()} that the ${dice.word()} came.`,
      caller_name: name,
      ...(dice.chance(0.5) ? { for_whom: dice.pick(['Accounts', 'The owner']) } : {}),
      ...(dice.chance(0.3) ? { callback_number: other } : {}),
    },
    'message',
  );
}

/** Callers whose number nobody knows give one, or the tool asks for it. */
function callbackAsk(dice: Dice, { name, number, other }: Caller, make: Make): ToolAsk {
  return make(
    'request_callback',
    {
      wanted_time: `tomorrow at ${dice.int(8, 17)}`,
      caller_name: name,
      ...(dice.chance(0.5) ? { about: dice.pick(['An invoice', 'A quote']) } : {}),
      ...(number === undefined || dice.chance(0.3) ? { callback_number: other } : {}),
    },
    'callback',
  );
}

function outcomeAsk(dice: Dice, make: Make): ToolAsk {
  return make('log_call_outcome', { outcome: dice.pick(outcomes), note: `About ${dice.word()}.` }, 'outcome');
}
