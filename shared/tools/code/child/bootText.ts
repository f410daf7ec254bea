import type { ChildLimits } from '../limits.ts';
import { boot } from './boot.ts';
import { closeWays } from './closeWays.ts';
import { keepGlobals } from './keepGlobals.ts';
import { loadBundle } from './loadBundle.ts';
import { makeContext } from './makeContext.ts';
import { makeTimers } from './makeTimers.ts';
import { plainCrypto } from './plainCrypto.ts';
import { pureModules } from './pureModules.ts';
import { serve } from './serve.ts';

const parts = {
  closeWays,
  keepGlobals,
  loadBundle,
  makeContext,
  makeTimers,
  plainCrypto,
  pureModules,
  serve,
};

/** The functions that the boot script is put together from. */
export type Parts = typeof parts;

/**
 * What a tool's process runs first, as text: so it is the same from source and from a bundle, and no file has to be
 * found. Each part stands alone: it uses nothing of its module but types.
 */
export function bootText({
  result,
  definition,
  fetchBytes,
  asks,
  asksAtOnce,
  logLine,
  logLines,
}: ChildLimits): string {
  const limits: ChildLimits = { result, definition, fetchBytes, asks, asksAtOnce, logLine, logLines };
  const texts = Object.entries(parts).map(([name, part]) => `${name}: ${part}`);
  return `'use strict'; (${boot})({ ${texts.join(', ')} }, process, ${JSON.stringify(limits)});`;
}
