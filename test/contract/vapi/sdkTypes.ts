import { readFileSync } from 'node:fs';
import { root } from '../../support/process.ts';

/** A type of Vapi's SDK as its declarations write it. */
export type SdkType =
  | { kind: 'text' | 'number' | 'boolean' | 'null' | 'anything' }
  | { kind: 'literal'; value: unknown }
  | { kind: 'list' | 'map'; of: SdkType }
  | { kind: 'union'; of: readonly SdkType[] }
  | { kind: 'named'; name: string }
  | { kind: 'members'; of: ReadonlyMap<string, Member> };

export interface Member {
  type: SdkType;
  isOptional: boolean;
}

const folder = `${root}node_modules/@vapi-ai/server-sdk/dist/esm/api/types/`;
const known = new Map<string, SdkType>();

/**
 * The type an SDK name stands for: `CreateAssistantDto`, `CreateAssistantDtoVoice.Deepgram`. Read from the SDK's own
 * declarations, so that nobody here has typed what is allowed.
 * @throws Error for a declaration that is written in a way not seen before.
 */
export function sdkType(name: string): SdkType {
  const found = known.get(name) ?? readType(name);
  known.set(name, found);
  return found;
}

/** A type with its names looked up, until it is something else than a name. */
export function resolved(type: SdkType): SdkType {
  return type.kind === 'named' ? resolved(sdkType(type.name)) : type;
}

/** The members of a type that has some. @throws Error for one that has none. */
export function membersOfType(type: SdkType): ReadonlyMap<string, Member> {
  const found = resolved(type);
  if (found.kind !== 'members') throw new Error('this type has no members');
  return found.of;
}

/** The kinds a value of a type may be of, unions within unions opened. */
export function variantsOf(type: SdkType): SdkType[] {
  const found = resolved(type);
  return found.kind === 'union' ? found.of.flatMap(variantsOf) : [found];
}

/** The words of an enum; undefined for a type that also takes others. */
export function wordsOfType(type: SdkType): string[] | undefined {
  const words = variantsOf(type).map((variant) =>
    variant.kind === 'literal' ? String(variant.value) : undefined,
  );
  return words.every((word) => word !== undefined) ? words : undefined;
}

function readType(name: string): SdkType {
  const [file = '', inner] = name.split('.');
  const text = readFileSync(`${folder}${file}.d.mts`, 'utf8').replace(/\/\*\*[\s\S]*?\*\//g, '');
  if (inner !== undefined) return readInner(text, inner, name);
  const words = text.match(/^export declare const \w+: \{([\s\S]*?)^\};/m)?.[1];
  if (words !== undefined)
    return {
      kind: 'union',
      of: words
        .split('\n')
        .filter((line) => line.trim())
        .map((line) => ({ kind: 'literal', value: JSON.parse(/: (.*);$/.exec(line)?.[1] ?? '') })),
    };
  const alias = text.match(/^export type \w+ =([\s\S]*?);$/m)?.[1];
  if (alias !== undefined) return parseType(alias);
  const body = text.match(/^export interface \w+ \{([\s\S]*?)^\}/m)?.[1];
  if (body === undefined) throw new Error(`${name} is declared in a way that is not known`);
  return { kind: 'members', of: parseMembers(body) };
}

/** `interface Deepgram extends Vapi.DeepgramVoice { provider: "deepgram"; }` within a namespace. */
function readInner(text: string, inner: string, name: string): SdkType {
  const pattern = new RegExp(
    `^    interface ${inner} (?:extends Vapi\\.([\\w.]+) )?\\{([\\s\\S]*?)^    \\}`,
    'm',
  );
  const [, base, own] = text.match(pattern) ?? [];
  if (own === undefined) throw new Error(`${name} is declared in a way that is not known`);
  const inherited = base === undefined ? [] : membersOfType(sdkType(base));
  return { kind: 'members', of: new Map([...inherited, ...parseMembers(own)]) };
}

function parseMembers(body: string): Map<string, Member> {
  const lines = body
    .split(/;\s*$/m)
    .map((line) => line.trim())
    .filter(Boolean);
  return new Map(
    lines.map((line) => {
      const [, quoted, plain, optional, type] = /^(?:"([^"]+)"|(\w+))(\??): ([\s\S]+)$/.exec(line) ?? [];
      const name = quoted ?? plain;
      if (name === undefined || type === undefined) throw new Error(`no member: ${line}`);
      return [name, { type: parseType(type), isOptional: optional === '?' }];
    }),
  );
}

const plain: Readonly<Record<string, SdkType>> = {
  string: { kind: 'text' },
  number: { kind: 'number' },
  boolean: { kind: 'boolean' },
  null: { kind: 'null' },
  unknown: { kind: 'anything' },
  true: { kind: 'literal', value: true },
  false: { kind: 'literal', value: false },
};

/** `(Vapi.A | "b" | undefined)[]`, `Record<string, Vapi.C>`. An `undefined` among others is what optional says already. */
function parseType(text: string): SdkType {
  const tokens = text.match(/"(?:[^"\\]|\\.)*"|[\w.]+|\S/g) ?? [];
  let at = 0;
  const take = (expected?: string) => {
    const token = tokens[at++] ?? '';
    if (expected !== undefined && token !== expected) throw new Error(`not understood: ${text}`);
    return token;
  };
  const union = (): SdkType => {
    const of: SdkType[] = [];
    do {
      if (tokens[at] === '|') take();
      if (tokens[at] === 'undefined') take();
      else of.push(list());
    } while (tokens[at] === '|');
    const [only] = of;
    return of.length === 1 && only ? only : { kind: 'union', of };
  };
  const list = (): SdkType => {
    let type = single();
    while (tokens[at] === '[') {
      take();
      take(']');
      type = { kind: 'list', of: type };
    }
    return type;
  };
  const single = (): SdkType => {
    const token = take();
    if (token === '(') {
      const inner = union();
      take(')');
      return inner;
    }
    if (token === '{') {
      take('}');
      return { kind: 'members', of: new Map() };
    }
    if (token === 'Record') {
      for (const part of ['<', 'string', ',']) take(part);
      const of = union();
      take('>');
      return { kind: 'map', of };
    }
    if (token.startsWith('"')) return { kind: 'literal', value: JSON.parse(token) };
    if (token.startsWith('Vapi.')) return { kind: 'named', name: token.slice('Vapi.'.length) };
    const found = plain[token];
    if (!found) throw new Error(`not understood: ${text}`);
    return found;
  };
  const type = union();
  if (at < tokens.length) throw new Error(`not understood: ${text}`);
  return type;
}
