/** What is shown of a lead or a call: values by name. */
export type RecordView = Readonly<Record<string, unknown>>;

/** One kind of thing a tenant has stored, as an MCP client reads it. */
export interface Collection {
  /** As it stands in addresses: `leads`. */
  name: string;
  description: string;
  /** The member that names one of them: `leadId`. */
  idName: string;
  /** Latest first. @throws AppError `invalid-request` for a cursor that is none. */
  page(
    tenantId: string,
    query: { limit: number; cursor?: string | undefined },
  ): Promise<{ items: readonly RecordView[]; cursor?: string }>;
  get(tenantId: string, id: string): Promise<RecordView | undefined>;
}

const mostOnPage = 50;
const scheme = 'gatehouse://';

/** The collections as `resources/list` gives them. */
export function listResources(collections: readonly Collection[]) {
  return collections.map(({ name, description }) => ({
    uri: scheme + name,
    name,
    description: `${description}, latest first, ${mostOnPage} at a time; "next" is the address of more`,
    mimeType: 'application/json',
  }));
}

/** One by its id, and a page by its cursor, as `resources/templates/list` gives them. */
export function listTemplates(collections: readonly Collection[]) {
  return collections.flatMap(({ name, description, idName }) => [
    {
      uriTemplate: `${scheme}${name}/{${idName}}`,
      name: `${name} by ${idName}`,
      description: `One of: ${description}`,
      mimeType: 'application/json',
    },
    {
      uriTemplate: `${scheme}${name}{?cursor}`,
      name: `more ${name}`,
      description: `Where the page before ended: ${description}`,
      mimeType: 'application/json',
    },
  ]);
}

/**
 * What an address stands for; undefined where it stands for nothing.
 * @throws AppError `invalid-request` for a cursor that is none.
 */
export async function readRecord(
  uri: string,
  tenantId: string,
  collections: readonly Collection[],
): Promise<RecordView | undefined> {
  const [, name, id, cursor] = /^gatehouse:\/\/([a-z]+)(?:\/([^/?#]+)|\?cursor=([\w-]+))?$/.exec(uri) ?? [];
  const collection = collections.find((one) => one.name === name);
  if (!collection) return undefined;
  if (id !== undefined) return collection.get(tenantId, decoded(id));
  const page = await collection.page(tenantId, { limit: mostOnPage, cursor });
  const next = page.cursor === undefined ? {} : { next: `${scheme}${name}?cursor=${page.cursor}` };
  return { [collection.name]: page.items, ...next };
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
