import { meansEmulator } from '../gatehouse.ts';
import type { Settings } from '../host/settings.ts';

/** Where a command with these settings publishes, for people. Says nothing secret. */
export function publishTarget({ AzureWebJobsStorage: storage = '' }: Settings): string {
  if (meansEmulator(storage)) return 'the running npm start';
  const name = memberOf(storage, 'AccountName') ?? hostOf(memberOf(storage, 'BlobEndpoint'));
  return name ? `the account ${name}` : 'the account of AzureWebJobsStorage';
}

const memberOf = (connectionString: string, name: string) =>
  new RegExp(`(?:^|;)\\s*${name}\\s*=\\s*([^;]+)`, 'i').exec(connectionString)?.[1]?.trim();

const hostOf = (address = '') => (URL.canParse(address) ? new URL(address).host : undefined);
