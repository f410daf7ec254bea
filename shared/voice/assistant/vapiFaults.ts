import type { Tenant } from '../tenants/tenant.ts';
import { type ProviderRules, vapiRules } from './vapiRules.ts';

const parts = ['model', 'voice', 'transcriber'] as const;
type Part = (typeof parts)[number];

/** Providers Vapi knows, by what they are for. */
export const vapiProviders: Readonly<Record<Part, readonly string[]>> = {
  model: Object.keys(vapiRules.model),
  voice: Object.keys(vapiRules.voice),
  transcriber: Object.keys(vapiRules.transcriber),
};

/** Members of an entry that Gatehouse adds itself where its provider needs them. */
const added = new Set(['customVocabulary']);
/** Members a tenant can name, by part. */
const nameable: Readonly<Record<Part, readonly string[]>> = {
  model: ['model', 'temperature'],
  voice: ['voiceId', 'model'],
  transcriber: ['model', 'language'],
};
const mostNamed = 10;
/** The version of Vapi's SDK the lists are of. */
const vapiListsOf = '2.0.1';

/** One thing that is wrong, and where: `assistant.voice.voiceId`. */
export interface Fault {
  path: string;
  problem: string;
}

/** What Vapi would refuse in a tenant that is otherwise right: its callers would hear an error. */
export function vapiFaults({ assistant }: Tenant): Fault[] {
  return parts.flatMap((part) => {
    const entry = assistant[part];
    if (!entry) return [];
    return entryFaults(part, entry).map(({ path, problem }) => ({
      path: `assistant.${part}.${path}`,
      problem,
    }));
  });
}

/** What Vapi would refuse in one entry; `path` is its member. What Vapi has added since {@link vapiRules} counts as well. */
export function entryFaults(part: Part, entry: Readonly<Record<string, unknown>>): Fault[] {
  const provider = String(entry.provider);
  const rules = Object.hasOwn(vapiRules[part], provider) ? vapiRules[part][provider] : undefined;
  if (!rules) return [{ path: 'provider', problem: `must be one of ${vapiProviders[part].join(', ')}` }];
  const beyond = rules.needs.filter((name) => !nameable[part].includes(name) && !added.has(name));
  if (beyond.length > 0) {
    const problem = `is one that also needs ${beyond.join(' and ')}, for which there is no place here`;
    return [{ path: 'provider', problem }];
  }
  const missing = rules.needs.filter((name) => nameable[part].includes(name) && entry[name] === undefined);
  return [
    ...missing.map((name) => ({ path: name, problem: `must be given with ${provider}` })),
    ...Object.entries(entry).flatMap(([name, value]) => {
      const problem = memberProblem(rules, name, value);
      return problem === undefined ? [] : [{ path: name, problem: problem.replace('%', provider) }];
    }),
  ];
}

function memberProblem({ takes }: ProviderRules, name: string, value: unknown): string | undefined {
  if (name === 'provider' || value === undefined) return undefined;
  const choices = takes[name];
  if (choices === undefined) return 'is nothing Vapi takes with %; leave it out';
  if (choices === 'any' || choices.some((choice) => choice === value)) return undefined;
  return `is none that Vapi offers with %; ${named(choices)}`;
}

/** The way out where the lists are behind Vapi's. */
export const forcing = (how: string) =>
  `If Vapi has added what the lists of its SDK ${vapiListsOf} do not have, store it with ${how}.`;

function named(choices: readonly string[]): string {
  const some = choices.slice(0, mostNamed).join(', ');
  return choices.length > mostNamed ? `there are ${choices.length}, such as ${some}` : `use ${some}`;
}
