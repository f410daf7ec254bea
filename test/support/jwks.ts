import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type CryptoKey, exportJWK, generateKeyPair, type JWK, SignJWT } from 'jose';

export interface SigningKey {
  kid: string;
  alg: string;
  privateKey: CryptoKey;
  publicJwk: JWK;
}

export async function signingKey(kid: string, alg = 'ES256'): Promise<SigningKey> {
  const { privateKey, publicKey } = await generateKeyPair(alg, { extractable: true });
  return { kid, alg, privateKey, publicJwk: { ...(await exportJWK(publicKey)), kid, alg, use: 'sig' } };
}

/** A token as an issuer would give it, with claims replaced; `kid` null leaves the name of the key out. */
export function token(
  key: SigningKey,
  claims: Record<string, unknown>,
  kid: string | null = key.kid,
): Promise<string> {
  return new SignJWT(claims)
    .setProtectedHeader({ alg: key.alg, ...(kid === null ? {} : { kid }) })
    .sign(key.privateKey);
}

/** An issuer's key set on a local port, whose answer can be changed. */
export async function serveKeys(keys: readonly SigningKey[]) {
  const answer = { keys, status: 200, delayMs: 0, body: undefined as string | undefined, asked: 0 };
  const server = createServer((_, response) => {
    answer.asked++;
    const body = answer.body ?? JSON.stringify({ keys: answer.keys.map(({ publicJwk }) => publicJwk) });
    setTimeout(() => {
      response.writeHead(answer.status, { 'content-type': 'application/json', connection: 'close' });
      response.end(body);
    }, answer.delayMs);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  return {
    answer,
    url: `http://127.0.0.1:${port}/keys`,
    async stop() {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}
