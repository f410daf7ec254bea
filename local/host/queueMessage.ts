import type { DequeuedMessageItem } from '@azure/storage-queue';
import { jsonBindingData } from './bindingData.ts';
import type { RpcTypedData } from './coreTypes.ts';

type Encoding = 'base64' | 'none';

export function encodeMessage(text: string, encoding: Encoding): string {
  return encoding === 'base64' ? Buffer.from(text).toString('base64') : text;
}

/** The text of a message, or undefined where it is not what the encoding promises. */
export function decodeMessage(stored: string, encoding: Encoding): string | undefined {
  if (encoding === 'none') return stored;
  const bytes = Buffer.from(stored, 'base64');
  return bytes.toString('base64') === stored ? bytes.toString() : undefined;
}

/** What a queue trigger's function is told beside the message: its envelope, and the members of a JSON body. */
export function queueMetadata(message: DequeuedMessageItem, text: string): Record<string, RpcTypedData> {
  const time = (at: Date) => ({ string: at.toISOString() });
  return {
    ...jsonBindingData(text),
    QueueTrigger: { string: text },
    DequeueCount: { string: String(message.dequeueCount) },
    Id: { string: message.messageId },
    PopReceipt: { string: message.popReceipt },
    InsertionTime: time(message.insertedOn),
    ExpirationTime: time(message.expiresOn),
    NextVisibleTime: time(message.nextVisibleOn),
  };
}
