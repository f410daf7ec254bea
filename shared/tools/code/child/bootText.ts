import type { ChildLimits } from '../limits.ts';
import { boot } from './boot.ts';
import { parts } from './parts.ts';

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
