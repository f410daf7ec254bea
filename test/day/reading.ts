type Row = Readonly<Record<string, unknown>>;

/** What the app says of a tenant at the end of the day. */
export interface Told {
  calls: Row[];
  leads: Row[];
  deliveries: Row[];
}

/** `voice_calls`, `voice_minutes` and `vapi_cost` by tenant. */
export type UsageTold = ReadonlyMap<string, Row>;

async function json(url: string): Promise<Row> {
  const response = await fetch(url);
  if (!response.ok) throw new Error(`${url} answered ${response.status} ${await response.text()}`);
  return (await response.json()) as Row;
}

async function all(base: string, tenantId: string, name: string): Promise<Row[]> {
  const rows: Row[] = [];
  for (let cursor: unknown = ''; cursor !== undefined; ) {
    const after = cursor === '' ? '' : `&cursor=${encodeURIComponent(String(cursor))}`;
    const page = await json(`${base}/api/tenants/${tenantId}/${name}?limit=200${after}`);
    rows.push(...(page[name] as Row[]));
    cursor = page.cursor;
  }
  return rows;
}

/** Reads all of a tenant over HTTP, page by page. */
export async function readTenant(base: string, tenantId: string): Promise<Told> {
  const [calls, leads, deliveries] = await Promise.all(
    ['calls', 'leads', 'deliveries'].map((name) => all(base, tenantId, name)),
  );
  return { calls: calls ?? [], leads: leads ?? [], deliveries: deliveries ?? [] };
}

export async function readUsage(base: string): Promise<UsageTold> {
  const { groups } = await json(`${base}/api/usage?days=30&by=tenant`);
  return new Map((groups as Row[]).map((row) => [String(row.tenant), row]));
}
