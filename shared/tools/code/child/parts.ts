import { closeWays } from './closeWays.ts';
import { keepGlobals } from './keepGlobals.ts';
import { loadBundle } from './loadBundle.ts';
import { makeContext } from './makeContext.ts';
import { makeTimers } from './makeTimers.ts';
import { plainCrypto } from './plainCrypto.ts';
import { pureModules } from './pureModules.ts';
import { serve } from './serve.ts';

/** What the boot script is put together from. Each part stands alone: it uses nothing of its module but types. */
export const parts = {
  closeWays,
  keepGlobals,
  loadBundle,
  makeContext,
  makeTimers,
  plainCrypto,
  pureModules,
  serve,
};

export type Parts = typeof parts;
