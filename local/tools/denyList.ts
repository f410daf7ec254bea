import { type Manifest, sha256Pattern } from '../../shared/tools/manifest/manifest.ts';
import { builtInToolNames } from '../../shared/voice/tools/builtInNames.ts';

/** As much of a hash as is shown, or a little less. */
const partOfHash = /^[0-9a-f]{8,63}$/;

/**
 * Names and hashes as a deny list holds them, from what somebody wrote: a name that is published, a hash, or the first
 * eight digits or more of one that is published.
 * @throws Error for what would deny nothing.
 */
export function toDeny(given: readonly string[], { tools, next }: Manifest): string[] {
  const names = { ...tools, ...next?.tools };
  const hashes = [tools, next?.tools ?? {}].flatMap(Object.values).map(({ sha256 }) => sha256);
  return given.map((one) => {
    if (Object.hasOwn(names, one) || sha256Pattern.test(one)) return one;
    if (builtInToolNames.includes(one))
      throw new Error(
        `"${one}" is a tool of the deployment. Take it out of tools.functions of the tenants that have it.`,
      );
    const hash = onlyHash(one, hashes);
    if (hash === undefined)
      throw new Error(`Nothing published has the name or the hash "${one}". Any hash may be written whole.`);
    return hash;
  });
}

/** The deny list without what somebody wrote. @throws Error for what is not on it. */
export function toAllow(given: readonly string[], deny: readonly string[]): string[] {
  const taken = given.map((one) => {
    const found = deny.includes(one) ? one : onlyHash(one, deny);
    if (found === undefined) throw new Error(`"${one}" is not denied.`);
    return found;
  });
  return deny.filter((one) => !taken.includes(one));
}

/** The one hash that begins so; undefined where there is none or more than one. */
function onlyHash(part: string, among: readonly string[]): string | undefined {
  if (!partOfHash.test(part)) return undefined;
  const found = [...new Set(among.filter((one) => sha256Pattern.test(one) && one.startsWith(part)))];
  return found.length === 1 ? found[0] : undefined;
}
