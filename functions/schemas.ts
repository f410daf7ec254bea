import { AppError } from '../shared/errors.ts';
import { routeParam } from '../shared/http/identity.ts';
import { httpToolJsonSchema } from '../shared/tools/http/definition.ts';
import { tenantJsonSchema } from '../shared/voice/tenants/tenant.ts';
import { http } from './register.ts';
import { audits } from './services.ts';

const schemas: Readonly<Record<string, () => object | Promise<object>>> = {
  audit: async () => (await audits()).auditResultJsonSchema(),
  baseline: async () => (await audits()).baselineJsonSchema(),
  tenant: tenantJsonSchema,
  tool: httpToolJsonSchema,
};
/** Written out once, as anybody may ask. */
const written = new Map<string, string>();

/** `GET /api/schemas/{name}`: JSON Schemas for editors. */
http('schemas', { methods: ['GET'], authLevel: 'anonymous', route: 'schemas/{name}' }, async (request) => {
  const name = routeParam(request, 'name').replace(/\.json$/, '');
  const schema = Object.hasOwn(schemas, name) ? schemas[name] : undefined;
  if (!schema)
    throw new AppError(
      'not-found',
      `There is no schema of this name; there is ${Object.keys(schemas).join(', ')}.`,
    );
  const text = written.get(name) ?? JSON.stringify(await schema());
  written.set(name, text);
  return {
    status: 200,
    headers: { 'content-type': 'application/schema+json' },
    body: text,
  };
});
