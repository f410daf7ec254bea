import { parseJson, readBytes } from '../shared/http/body.ts';
import { etagOf, preconditionOf } from '../shared/http/etag.ts';
import { callerOf, routeParam } from '../shared/http/identity.ts';
import { readLimit } from '../shared/http/paging.ts';
import { KeyStore } from '../shared/mcp/keys/keyStore.ts';
import { errorFields, type Logger } from '../shared/telemetry/logger.ts';
import { http } from './register.ts';
import { required, services } from './services.ts';

/** `GET /api/tenants?limit=50&cursor=…`: ids and names of all tenants, page by page. */
http('tenants', { methods: ['GET'], authLevel: 'function', route: 'tenants' }, async ({ query }) => {
  const admin = await services.tenantAdmin();
  return { status: 200, jsonBody: await admin.list(readLimit(query), query.get('cursor') ?? undefined) };
});

/** Keys of a tenant that is gone let nobody in; revoked, they do not become keys of the next one of its name. */
async function revokeKeys(tenant: string, log: Logger): Promise<number | undefined> {
  try {
    const { tables } = await services.stores();
    return await new KeyStore(tables).revokeOf(tenant, new Date());
  } catch (error) {
    log.error('mcp-keys-not-revoked', { tenant, ...errorFields(error) });
    return undefined;
  }
}

/**
 * `GET /api/tenants/{id}`: a tenant, and a preview of its assistant. `PUT`: stores one, on condition of `If-Match` or
 * `If-None-Match: *` where given, and with `?force=true` though Vapi's lists do not have its model or voice. `DELETE`: takes it, its lines and its MCP keys away.
 */
http(
  'tenant',
  { methods: ['GET', 'PUT', 'DELETE'], authLevel: 'function', route: 'tenants/{id}' },
  async (request, { log }) => {
    const admin = await services.tenantAdmin();
    const [tenant, by] = [routeParam(request, 'id'), callerOf(request)];
    if (request.method === 'DELETE') {
      await admin.remove(tenant, preconditionOf(request.headers));
      const keys = await revokeKeys(tenant, log);
      log.warn('tenant-removed', { tenant, by, keys });
      return { status: 204 };
    }
    if (request.method === 'GET') {
      const { etag, ...found } = await admin.get(tenant);
      return { status: 200, headers: { etag: etagOf(etag) }, jsonBody: found };
    }
    const body = parseJson(await readBytes(request, required(services.settings.platform).maxJson));
    const isForced = request.query.get('force') === 'true';
    const condition = preconditionOf(request.headers);
    const { etag, isNew, ...stored } = await admin.put(tenant, body, condition, isForced);
    log.warn('tenant-stored', { tenant, by, isNew });
    return { status: isNew ? 201 : 200, headers: { etag: etagOf(etag) }, jsonBody: stored };
  },
);
