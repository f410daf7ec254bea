import { QueueServiceClient } from '@azure/storage-queue';
import type { InvocationResponse, RegisteredFunction, RpcTypedData } from './coreTypes.ts';
import type { QueueOptions } from './hostJson.ts';
import { encodeMessage } from './queueMessage.ts';
import { resolveSetting, type Settings } from './settings.ts';

/** The queue service a binding's `connection` setting names. */
export function queueService(settings: Settings, connection: unknown): QueueServiceClient {
  const name = String(connection || 'AzureWebJobsStorage');
  const value = settings[name];
  if (!value)
    throw new Error(`the connection setting "${name}" is empty; set it to a storage connection string`);
  return QueueServiceClient.fromConnectionString(value);
}

/** The messages one output value stands for: an array is several, objects are written indented. */
export function outputMessages(data: RpcTypedData): string[] {
  if (data.json === undefined)
    return [data.string ?? String(data.int ?? data.double ?? Buffer.from(data.bytes ?? []))];
  const value: unknown = JSON.parse(data.json);
  return (Array.isArray(value) ? value : [value]).map((one) =>
    typeof one === 'string' ? one : JSON.stringify(one, null, 2),
  );
}

/**
 * Writes an invocation's extra outputs. Storage queues are supported; any other kind is an error that says so.
 * @throws Error when a queue cannot be written.
 */
export async function writeOutputs(
  registered: RegisteredFunction,
  result: InvocationResponse,
  settings: Settings,
  options: QueueOptions,
): Promise<void> {
  const { metadata } = registered;
  const returned =
    metadata.bindings.$return && result.returnValue ? [{ name: '$return', data: result.returnValue }] : [];
  for (const { name, data } of [...(result.outputData ?? []), ...returned]) {
    const binding = metadata.bindings[name];
    if (binding?.type === 'http') continue;
    if (binding?.type !== 'queue') {
      throw new Error(
        `the local host writes storage queue outputs only; "${metadata.name}" has a "${binding?.type}" output`,
      );
    }
    const queueName = resolveSetting(String(binding.queueName), settings);
    const queue = queueService(settings, binding.connection).getQueueClient(queueName);
    await queue.createIfNotExists();
    for (const text of outputMessages(data))
      await queue.sendMessage(encodeMessage(text, options.messageEncoding));
  }
}
