import { TableClient, TableServiceClient } from '@azure/data-tables';
import { BlobServiceClient } from '@azure/storage-blob';
import { QueueServiceClient } from '@azure/storage-queue';
import type { PlatformConfig } from '../../config/platform.ts';
import { AppError } from '../../errors.ts';
import { ServerClock } from '../serverClock.ts';
import type { Stores } from '../stores.ts';
import { AzureBlobStore } from './azureBlobStore.ts';
import { AzureQueueStore } from './azureQueueStore.ts';
import { AzureTableStore } from './azureTableStore.ts';
import { observed } from './observed.ts';

/** A try that takes longer than this is given up and made again; three in all. */
const tryTimeoutMs = 10_000;
const retryOptions = {
  maxTries: 3,
  tryTimeoutInMs: tryTimeoutMs,
  retryDelayInMs: 200,
  maxRetryDelayInMs: 2_000,
};

/**
 * Makes a client of blobs or queues. All clients that come from it share its pipeline and would each add the policies
 * again, which the pipeline refuses: only the first is to see them.
 */
function withPolicies<C>(additionalPolicies: ReturnType<typeof observed>, make: (options: object) => C): C {
  const client = make({ retryOptions, additionalPolicies });
  additionalPolicies.length = 0;
  return client;
}

const tableOptions = (clock: ServerClock) => ({
  retryOptions: { maxRetries: 2, retryDelayInMs: 200, maxRetryDelayInMs: 2_000 },
  additionalPolicies: observed('table', clock),
});

/**
 * Adapters to the account that `AzureWebJobsStorage` names: a connection string, or service addresses with identity.
 * `clock` learns the store's time from its answers.
 */
export async function createAzureStores(
  storage: PlatformConfig['storage'],
  clock: ServerClock = new ServerClock(),
): Promise<Stores> {
  if ('connectionString' in storage) return fromConnectionString(storage.connectionString, clock);
  const { DefaultAzureCredential } = await import('@azure/identity');
  const { clientId } = storage;
  const credential = new DefaultAzureCredential(
    clientId === undefined ? {} : { managedIdentityClientId: clientId },
  );
  const tables = tableOptions(clock);
  return {
    blobs: new AzureBlobStore(
      withPolicies(observed('blob', clock), (o) => new BlobServiceClient(storage.blobUri, credential, o)),
    ),
    queues: new AzureQueueStore(
      withPolicies(observed('queue', clock), (o) => new QueueServiceClient(storage.queueUri, credential, o)),
    ),
    tables: new AzureTableStore(
      new TableServiceClient(storage.tableUri, credential, tables),
      (table) => new TableClient(storage.tableUri, table, credential, tables),
    ),
  };
}

function fromConnectionString(connectionString: string, clock: ServerClock): Stores {
  const tables = { ...tableOptions(clock), allowInsecureConnection: true };
  try {
    return {
      blobs: new AzureBlobStore(
        withPolicies(observed('blob', clock), (o) =>
          BlobServiceClient.fromConnectionString(connectionString, o),
        ),
      ),
      queues: new AzureQueueStore(
        withPolicies(observed('queue', clock), (o) =>
          QueueServiceClient.fromConnectionString(connectionString, o),
        ),
      ),
      tables: new AzureTableStore(
        TableServiceClient.fromConnectionString(connectionString, tables),
        (table) => TableClient.fromConnectionString(connectionString, table, tables),
      ),
    };
  } catch (error) {
    throw new AppError('misconfigured', 'AzureWebJobsStorage is no connection string of a storage account.', {
      cause: error,
    });
  }
}
