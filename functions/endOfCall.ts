import { app } from '@azure/functions';
import { createLogger, errorFields } from '../shared/telemetry/logger.ts';
import { endOfCallQueue } from '../shared/voice/calls/claimCheck.ts';
import { processEndOfCall } from '../shared/voice/calls/processEndOfCall.ts';
import { logLevel, services } from './services.ts';

/** Queue `end-of-call`: stores each finished call once, however often its report arrives. */
app.storageQueue('endOfCall', {
  queueName: endOfCallQueue,
  connection: 'AzureWebJobsStorage',
  async handler(message, context) {
    const log = createLogger(context, logLevel(), { invocationId: context.invocationId });
    try {
      await processEndOfCall(message, await services.endOfCall(), log);
    } catch (error) {
      log.error('end-of-call-failed', errorFields(error));
      throw error;
    }
  },
});
