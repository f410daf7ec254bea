import { Failure } from '../failure.ts';

/** Where audits are asked for, and with what key. */
export interface Service {
  /** `https://host/api/audit`, without query. */
  endpoint: URL;
  key: string | undefined;
}

const loopback = /^(?:localhost|127(?:\.\d{1,3}){3}|\[::1\])$/;

/**
 * Reads the address, which may be the base or end in `/api` or `/api/audit`, and the key.
 * @throws Failure where one is missing or the key would travel in the clear. The message never has the key.
 */
export function readService(
  address: string | undefined,
  key: string | undefined,
  allowHttp: boolean,
): Service {
  const text = address?.trim();
  if (!text)
    throw new Failure(
      'Where is Gatehouse? Set GATEHOUSE_URL (or --url) to its address: https://YOUR-APP.azurewebsites.net',
    );
  if (unset(text)) throw new Failure(`GATEHOUSE_URL is "${text}": that variable of the pipeline is not set.`);
  const endpoint = readUrl(text);
  const isHere = loopback.test(endpoint.hostname);
  if (endpoint.protocol === 'http:' && !isHere && !allowHttp)
    throw new Failure(
      `The key would travel in the clear to ${endpoint.host}. Use https://, or pass --allow-http if you mean it.`,
    );
  return { endpoint, key: readKey(key, isHere) };
}

/** Azure Pipelines leaves the name of an unknown variable where its value should be. */
const unset = (text: string) => /^\$\(.*\)$/.test(text);

function readUrl(text: string): URL {
  const withScheme = /^[a-z][a-z\d+.-]*:\/\//i.test(text) ? text : `https://${text}`;
  if (!URL.canParse(withScheme) || !/^https?:/i.test(withScheme))
    throw new Failure('GATEHOUSE_URL is no address. Write it like https://YOUR-APP.azurewebsites.net');
  const url = new URL(withScheme);
  if (url.username || url.password || url.searchParams.has('code'))
    throw new Failure('GATEHOUSE_URL has a credential in it. Set the key as GATEHOUSE_KEY instead.');
  const base = url.pathname.replace(/\/+$/, '').replace(/(?:\/api(?:\/audit)?)?$/, '');
  return new URL(`${base}/api/audit`, url.origin);
}

function readKey(given: string | undefined, isHere: boolean): string | undefined {
  const key = given?.trim();
  if (key && unset(key))
    throw new Failure(
      'GATEHOUSE_KEY is not set: the pipeline knows no such variable. Add it as a secret variable.',
    );
  if (key && !/^[\x21-\x7e]+$/.test(key))
    throw new Failure('GATEHOUSE_KEY has characters no key has. Copy it anew.');
  if (!key && !isHere)
    throw new Failure(
      'GATEHOUSE_KEY is not set. Set it to a function key of Gatehouse (pipelines give secrets to no build of a fork).',
    );
  return key || undefined;
}
