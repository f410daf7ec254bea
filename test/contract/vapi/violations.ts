import { membersOfType, resolved, type SdkType, sdkType, variantsOf } from './sdkTypes.ts';
import { type Limit, limits } from './vapiLimits.ts';

/** Everything in an answer that Vapi would not take, each with its JSON pointer: `/assistant/mood: should not exist`. */
export function violations(answer: unknown, name: string): string[] {
  // What is sent is JSON: members that are undefined are not there.
  const sent: unknown = JSON.parse(JSON.stringify(answer));
  return [
    ...typeViolations(sent, sdkType(name), ''),
    ...limits.filter(({ of }) => of.includes(name)).flatMap((limit) => limitViolations(sent, limit)),
    ...textViolations(sent, ''),
  ];
}

const escaped = (key: string) => key.replaceAll('~', '~0').replaceAll('/', '~1');
const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** How a value differs from a type; members the type does not have are not let through. */
export function typeViolations(value: unknown, type: SdkType, at: string): string[] {
  const found = resolved(type);
  switch (found.kind) {
    case 'anything':
      return [];
    case 'text':
      return typeof value === 'string' ? [] : [`${at}: must be text`];
    case 'number':
    case 'boolean':
      return typeof value === found.kind ? [] : [`${at}: must be a ${found.kind}`];
    case 'null':
      return value === null ? [] : [`${at}: must be null`];
    case 'literal':
      return value === found.value ? [] : [`${at}: must be ${JSON.stringify(found.value)}`];
    case 'list':
      return Array.isArray(value)
        ? value.flatMap((item, i) => typeViolations(item, found.of, `${at}/${i}`))
        : [`${at}: must be a list`];
    case 'map':
      return isRecord(value)
        ? Object.entries(value).flatMap(([key, item]) =>
            typeViolations(item, found.of, `${at}/${escaped(key)}`),
          )
        : [`${at}: must be an object`];
    case 'members':
      return memberViolations(value, found, at);
    case 'union':
      return unionViolations(value, found, at);
    case 'named':
      throw new Error('a name that was looked up is no name');
  }
}

function memberViolations(value: unknown, type: SdkType, at: string): string[] {
  if (!isRecord(value)) return [`${at}: must be an object`];
  const members = membersOfType(type);
  const missing = [...members].filter(([name, { isOptional }]) => !isOptional && !Object.hasOwn(value, name));
  return [
    ...missing.map(([name]) => `${at}/${escaped(name)}: must be there`),
    ...Object.entries(value).flatMap(([name, member]) => {
      const expected = members.get(name);
      const pointer = `${at}/${escaped(name)}`;
      return expected ? typeViolations(member, expected.type, pointer) : [`${pointer}: should not exist`];
    }),
  ];
}

/** Of the variants a value says it is (`type`, `provider`), the one it differs least from. */
function unionViolations(value: unknown, type: SdkType, at: string): string[] {
  const variants = variantsOf(type);
  if (variants.some((variant) => variant.kind === 'literal' && variant.value === value)) return [];
  const said = variants.filter((variant) => variant.kind !== 'literal' && isSaid(value, variant));
  const [best] = said
    .map((variant) => typeViolations(value, variant, at))
    .sort((a, b) => a.length - b.length);
  return best ?? [`${at}: is none of the ${variants.length} that are allowed`];
}

function isSaid(value: unknown, variant: SdkType): boolean {
  if (variant.kind !== 'members') return true;
  return [...variant.of].every(
    ([name, { type }]) => type.kind !== 'literal' || (isRecord(value) && value[name] === type.value),
  );
}

function limitViolations(sent: unknown, { path, problem, holds }: Limit): string[] {
  const places = path
    .split('.')
    .reduce<{ at: string; value: unknown; holder: unknown }[]>(
      (found, name) =>
        found.flatMap(({ at, value }) =>
          (name === '*'
            ? Object.entries(isRecord(value) || Array.isArray(value) ? value : {})
            : ownOf(value, name)
          ).map(([key, member]) => ({ at: `${at}/${escaped(key)}`, value: member, holder: value })),
        ),
      [{ at: '', value: sent, holder: undefined }],
    );
  return places.filter(({ value, holder }) => !holds(value, holder)).map(({ at }) => `${at}: ${problem}`);
}

function ownOf(value: unknown, name: string): [string, unknown][] {
  return isRecord(value) && Object.hasOwn(value, name) ? [[name, value[name]]] : [];
}

/** Half a character is no text in UTF-8, and PostgreSQL takes no character zero. */
function textViolations(value: unknown, at: string): string[] {
  if (typeof value === 'string')
    return value.isWellFormed() && !value.includes('\0') ? [] : [`${at}: is no text`];
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([key, item]) => textViolations(item, `${at}/${escaped(key)}`));
}
