import type { CryptoKey, JSONWebKeySet, JWTPayload, JWTVerifyOptions, RemoteJWKSet } from 'jose';

/** Somebody is on the phone while keys are fetched. */
const fetchTimeoutMs = 2_000;
/** After a failure nobody waits for another one. */
const pauseMs = 5_000;
/** How often a token with an unknown key may cause a fetch. */
const cooldownMs = 30_000;
/** Age at which keys are fetched anew in the background: a withdrawn key is known no later, if the issuer answers. */
const refreshMs = 10 * 60_000;
/** Age up to which keys are used while the issuer does not answer. */
const longestUseMs = 6 * 60 * 60_000;

type Jose = typeof import('jose');

/** The keys an issuer publishes, fetched when first needed and kept. A cache: another instance fetches its own. */
export class KeySet {
  readonly #url: URL;
  readonly #fetch: typeof globalThis.fetch;
  #opened: { jose: Jose; keys: RemoteJWKSet } | undefined;
  #refreshAt = Number.POSITIVE_INFINITY;
  #failure: { until: number; cause: unknown } | undefined;

  constructor(url: URL, fetch: typeof globalThis.fetch = globalThis.fetch) {
    this.#url = url;
    this.#fetch = fetch;
  }

  /**
   * The claims of a token with a right signature and right claims.
   * @throws what jose throws: errors whose `code` says what is wrong with the token, others where keys cannot be had.
   */
  async verify(token: string, options: JWTVerifyOptions): Promise<JWTPayload> {
    const { jose, keys } = await this.#open();
    try {
      const { payload } = await jose.jwtVerify(token, keys, options);
      return payload;
    } catch (error) {
      if (!(error instanceof jose.errors.JWKSMultipleMatchingKeys)) throw error;
      return await verifyWithAny(jose, token, error, options);
    } finally {
      this.#refreshInBackground(keys);
    }
  }

  /** Loaded with the first token: most deployments never see one. */
  async #open(): Promise<{ jose: Jose; keys: RemoteJWKSet }> {
    const jose = await import('jose');
    this.#opened ??= {
      jose,
      keys: jose.createRemoteJWKSet(this.#url, {
        timeoutDuration: fetchTimeoutMs,
        cooldownDuration: cooldownMs,
        cacheMaxAge: longestUseMs,
        [jose.customFetch]: (url, init) => this.#ask(jose, url, init),
      }),
    };
    return this.#opened;
  }

  async #ask(jose: Jose, url: string, init: RequestInit): Promise<Response> {
    const started = performance.now();
    if (this.#failure && started < this.#failure.until) throw this.#failure.cause;
    this.#refreshAt = started + refreshMs;
    try {
      const response = await this.#fetch(url, init);
      if (response.status !== 200) throw new Error(`The key set answered ${response.status}`);
      // Read here, within the same time limit, so that an answer of no use counts as a failure too.
      const keys = (await response.json()) as JSONWebKeySet;
      jose.createLocalJWKSet(keys);
      this.#failure = undefined;
      return Response.json(keys);
    } catch (cause) {
      this.#failure = { until: performance.now() + pauseMs, cause };
      throw cause;
    }
  }

  #refreshInBackground(keys: RemoteJWKSet): void {
    if (performance.now() >= this.#refreshAt) keys.reload().catch(() => {});
  }
}

/** For a token that names no key where several would do. @throws the given error where none is right. */
async function verifyWithAny(
  jose: Jose,
  token: string,
  several: Error & AsyncIterable<CryptoKey>,
  options: JWTVerifyOptions,
): Promise<JWTPayload> {
  for await (const key of several) {
    try {
      const { payload } = await jose.jwtVerify(token, key, options);
      return payload;
    } catch (error) {
      if (!(error instanceof jose.errors.JWSSignatureVerificationFailed)) throw error;
    }
  }
  throw several;
}
