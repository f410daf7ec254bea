import type { OwnLimits } from '../limits/ownLimits.ts';
import type { ToolRegistry } from '../tools/registry.ts';
import type { Tool } from '../tools/tool.ts';
import type { KeyHolder } from './keys/mcpKey.ts';

/** What MCP needs to know of a tenant. */
export interface TenantView {
  /** Names of the tools its configuration lists; those that do not exist are left out. */
  functions: readonly string[];
  limits: OwnLimits | undefined;
}

/** Tools with whoever runs them. */
export interface ToolShelf {
  registry: ToolRegistry;
  /** Longest time a tool may take, in ms. */
  timeoutMs: number;
  /** A result in words, where its JSON is more than a model should read. */
  say?(result: unknown): string;
}

export interface OfferDeps {
  /** Tools that tenants have. */
  tenantTools: ToolShelf;
  /** Tools for whoever has the scope `audit`. */
  auditTools: ToolShelf;
}

/** A tool a holder may call, and where. */
export interface Offered {
  tool: Tool;
  shelf: ToolShelf;
}

/** Published tools are waited for this long by the first requests of an instance. */
const patienceMs = 2_000;

/**
 * The tools a holder of a key may call, by name: those the tenant's configuration lists and it may have, and those of the
 * key's scopes. A name is given once; a tenant's tool does not stand before one of a scope.
 */
export async function offerTo(
  { tenantId, scopes }: KeyHolder,
  tenant: TenantView | undefined,
  { tenantTools, auditTools }: OfferDeps,
): Promise<Offered[]> {
  const offered = new Map<string, Offered>();
  if (tenantId !== undefined && tenant) {
    const set = await tenantTools.registry.ready(patienceMs);
    for (const name of tenant.functions) {
      const tool = set.find(name, tenantId);
      if (tool) offered.set(name, { tool, shelf: tenantTools });
    }
  }
  if (scopes.has('audit'))
    for (const tool of auditTools.registry.current().tools)
      offered.set(tool.name, { tool, shelf: auditTools });
  return [...offered.values()].sort((a, b) => (a.tool.name < b.tool.name ? -1 : 1));
}
