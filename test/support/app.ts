import { importTenants } from '../../local/importTenants.ts';
import { type Azurite, startAzurite } from '../../local/storage/azurite.ts';
import { createAzureStores } from '../../shared/storage/azure/azureStores.ts';
import type { Stores } from '../../shared/storage/stores.ts';
import { type Running, root, run } from './process.ts';

export interface App extends Running {
  azurite: Azurite;
  stores: Stores;
  post(path: string, body: string | Uint8Array, headers?: Record<string, string>): Promise<Response>;
  /** A Vapi message by its members. */
  deliver(message: Record<string, unknown>, headers?: Record<string, string>): Promise<Response>;
}

export const secret = 'open-sesame';

/** The deployed bundle under the local host with Azurite, each a process of its own, Acme Plumbing on board. */
export async function startApp(env: Record<string, string> = {}): Promise<App> {
  const azurite = await startAzurite();
  const stores = await createAzureStores({ connectionString: azurite.connectionString });
  await importTenants(`${root}local/sample/tenants.json`, stores.tables);
  const settings = {
    VAPI_WEBHOOK_SECRET: secret,
    GATEHOUSE_ALLOW_UNAUTHENTICATED: 'false',
    AzureFunctionsJobHost__extensions__queues__visibilityTimeout: '00:00:00',
    // A machine that is busy with other tests is no outage.
    GATEHOUSE_LIMITS_STORE_TIMEOUT_MS: '8000',
  };
  const app = await run('local/start.ts', ['--port', '0'], {
    ...settings,
    AzureWebJobsStorage: azurite.connectionString,
    ...env,
  });
  const post: App['post'] = (path, body, headers = {}) =>
    fetch(`${app.base}${path}`, { method: 'POST', body: body as Uint8Array<ArrayBuffer>, headers });
  return {
    ...app,
    azurite,
    stores,
    post,
    deliver: (message, headers = { 'x-vapi-secret': secret }) =>
      post('/api/vapi/webhook', JSON.stringify({ message }), {
        'content-type': 'application/json',
        ...headers,
      }),
    async stop() {
      const ms = await app.stop();
      await azurite.stop();
      return ms;
    },
  };
}

/** Asks until the answer is defined, for at most ten seconds. */
export async function eventually<T>(ask: () => Promise<T | undefined>, what: string): Promise<T> {
  for (const deadline = Date.now() + 10_000; Date.now() < deadline; ) {
    const answer = await ask();
    if (answer !== undefined) return answer;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  throw new Error(`${what} did not happen within 10 s`);
}
