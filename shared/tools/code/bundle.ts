import type { SafeFetch } from '../../net/safeFetch.ts';
import type { JsonSchema } from '../tool.ts';

/** A code tool as it was published: one JavaScript file and what it may reach. */
export interface CodeBundle {
  /** Of the code, in hexadecimal. Whoever fetched it has checked it. */
  sha256: string;
  /** CommonJS in one file, at most `limits.codeBytes`. */
  code: string;
  /** The name the code must export. */
  name: string;
  /** Hosts that `ctx.fetch` may ask: exact names, with a port where that is not 443. */
  hosts: readonly string[];
  /** Names of the secrets that `ctx.secret` may ask for. */
  secrets: readonly string[];
  /** Longest run, ms. */
  timeoutMs: number;
}

/** What code tools reach the world through. */
export interface CodePorts {
  fetch: SafeFetch;
  /** The value of a secret; undefined where there is none of this name. */
  secret(name: string): string | undefined;
  /** A clock that never goes back, ms; `performance.now` unless given. */
  now?: () => number;
}

/** An answer that `ctx.fetch` gives in a self-test, where nothing leaves the machine. */
export interface CannedFetch {
  url: string;
  /** `GET` unless said. */
  method: string;
  status: number;
  /** Text as it is, any other value as JSON. */
  body?: unknown;
}

/** An example call that a tool brings along. */
export interface SelfTest {
  input: Record<string, unknown>;
  fetches: readonly CannedFetch[];
  /** Compared deeply with the result; not at all where undefined. */
  expect?: unknown;
}

/** What the code says of itself. */
export interface CodeToolDefinition {
  name: string;
  description: string;
  inputSchema: JsonSchema;
  outputSchema?: JsonSchema | undefined;
  /** True unless the code says that a call changes nothing. */
  sideEffect: boolean;
  /** What its author asks for; what it is given stands in the manifest. */
  timeoutMs?: number | undefined;
  tenants?: string[] | undefined;
  hosts?: string[] | undefined;
  secrets?: string[] | undefined;
  selfTest?: SelfTest | undefined;
}
