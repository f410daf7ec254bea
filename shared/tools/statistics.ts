import type { Tool } from './tool.ts';

/** What is kept of a version's runs since it was loaded, and how long the last of them took. */
export interface ToolFigures {
  calls: number;
  errors: number;
  /** Milliseconds over the last runs; undefined before the first. */
  p50?: number;
  p95?: number;
}

const kept = 256;

interface Record {
  calls: number;
  errors: number;
  /** A ring of the last durations, ms. */
  lasts: number[];
}

/**
 * Runs of tools as this instance has seen them, for the status page; metrics have the rest. By the loaded version, not by
 * its name: a version does not answer for the one before, and its figures go with it.
 */
export class ToolStatistics {
  readonly #records = new WeakMap<Tool, Record>();

  note(tool: Tool, ms: number, isError: boolean): void {
    const record = this.#records.get(tool) ?? { calls: 0, errors: 0, lasts: [] };
    record.lasts[record.calls % kept] = ms;
    record.calls++;
    if (isError) record.errors++;
    this.#records.set(tool, record);
  }

  figures(tool: Tool): ToolFigures {
    const { calls = 0, errors = 0, lasts = [] } = this.#records.get(tool) ?? {};
    if (calls === 0) return { calls, errors };
    const sorted = [...lasts].sort((a, b) => a - b);
    const at = (share: number) => rounded(sorted[Math.floor((sorted.length - 1) * share)] ?? 0);
    return { calls, errors, p50: at(0.5), p95: at(0.95) };
  }
}

const rounded = (ms: number) => Math.round(ms * 100) / 100;
