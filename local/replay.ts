/**
 * `npm run replay -- QUEUE`: sends the messages of a poison queue back, in the account that `AzureWebJobsStorage` names or
 * in the storage of a running `npm start`. A message leaves the poison queue only once it is in its queue again.
 */
import { QueueServiceClient } from '@azure/storage-queue';
import { readCommandLine, runCommand, UsageError } from './commandLine.ts';
import { localStorageSettings } from './gatehouse.ts';

const queues = ['end-of-call', 'deliveries', 'usage', 'audit-jobs'];
const usage = `usage: npm run replay -- QUEUE

  QUEUE   ${queues.join(', ')}`;

/** Messages that are handled wrongly are back in the poison queue after this: nothing is replayed twice in one run. */
const hiddenSeconds = 300;

runCommand(async () => {
  const [queue = ''] = readCommandLine(usage, {}, true).positionals;
  if (!queues.includes(queue)) throw new UsageError(usage);
  const { AzureWebJobsStorage: connectionString } = localStorageSettings();
  if (!connectionString) throw new Error('Set AzureWebJobsStorage to the connection string of the account.');
  const service = QueueServiceClient.fromConnectionString(connectionString);
  const [poison, target] = [service.getQueueClient(`${queue}-poison`), service.getQueueClient(queue)];
  let sent = 0;
  if (await poison.exists()) {
    for (;;) {
      const { receivedMessageItems: items } = await poison.receiveMessages({
        numberOfMessages: 32,
        visibilityTimeout: hiddenSeconds,
      });
      if (items.length === 0) break;
      await target.createIfNotExists();
      for (const { messageText, messageId, popReceipt } of items) {
        await target.sendMessage(messageText);
        await poison.deleteMessage(messageId, popReceipt);
        sent++;
      }
    }
  }
  console.log(`${sent} message${sent === 1 ? '' : 's'} of ${queue}-poison sent back to ${queue}`);
});
