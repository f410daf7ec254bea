import { endOfCallQueue } from '../shared/voice/calls/claimCheck.ts';
import { processEndOfCall } from '../shared/voice/calls/processEndOfCall.ts';
import { queue } from './register.ts';
import { services } from './services.ts';

/** Queue `end-of-call`: stores each finished call once, however often its report arrives. */
queue('endOfCall', endOfCallQueue, async (message, log) =>
  processEndOfCall(message, await services.endOfCall(), log),
);
