import { TableClient, TableServiceClient } from '@azure/data-tables';
import { BlobServiceClient } from '@azure/storage-blob';
import { QueueServiceClient } from '@azure/storage-queue';
import type { PlatformConfig } from '../../config/platform.ts';
import { AppError } from '../../errors.ts';
import type { Stores } from '../stores.ts';
import { AzureBlobStore } from './azureBlobStore.ts';
import { AzureQueueStore } from './azureQueueStore.ts';
import { AzureTableStore } from './azureTableStore.ts';

/** A try that takes longer than this is given up and made again; three in all. */
const tryTimeoutMs = 10_000;
const retryOptions = {
  maxTries: 3,
  tryTimeoutInMs: tryTimeoutMs,
  retryDelayInMs: 200,
  maxRetryDelayInMs: 2_000,
};
const tableOptions = {
  retryOptions: { maxRetries: 2, retryDelayInMs: 200, maxRetryDelayInMs: 2_000 },
  allowInsecureConnection: true,
};

/** Adapters to the account that `AzureWebJobsStorage` names: a connection string, or service addresses with identity. */
export async function createAzureStores(storage: PlatformConfig['storage']): Promise<Stores> {
  if ('connectionString' in storage) return fromConnectionString(storage.connectionString);
  const { DefaultAzureCredential } = await import('@azure/identity');
  const { clientId } = storage;
  const credential = new DefaultAzureCredential(
    clientId === undefined ? {} : { managedIdentityClientId: clientId },
  );
  return {
    blobs: new AzureBlobStore(new BlobServiceClient(storage.blobUri, credential, { retryOptions })),
    queues: new AzureQueueStore(new QueueServiceClient(storage.queueUri, credential, { retryOptions })),
    tables: new AzureTableStore(
      new TableServiceClient(storage.tableUri, credential, {
        ...tableOptions,
        allowInsecureConnection: false,
      }),
      (table) =>
        new TableClient(storage.tableUri, table, credential, {
          ...tableOptions,
          allowInsecureConnection: false,
        }),
    ),
  };
}

function fromConnectionString(connectionString: string): Stores {
  try {
    return {
      blobs: new AzureBlobStore(BlobServiceClient.fromConnectionString(connectionString, { retryOptions })),
      queues: new AzureQueueStore(
        QueueServiceClient.fromConnectionString(connectionString, { retryOptions }),
      ),
      tables: new AzureTableStore(
        TableServiceClient.fromConnectionString(connectionString, tableOptions),
        (table) => TableClient.fromConnectionString(connectionString, table, tableOptions),
      ),
    };
  } catch (error) {
    throw new AppError('misconfigured', 'AzureWebJobsStorage is no connection string of a storage account.', {
      cause: error,
    });
  }
}
