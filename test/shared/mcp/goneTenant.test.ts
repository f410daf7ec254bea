import { expect, it } from 'vitest';
import type { Collection } from '../../../shared/mcp/records.ts';
import { modernRequest } from '../../support/mcp.ts';
import { createMcp, now, tool } from '../../support/mcpWorld.ts';

it('a key of a tenant that is gone is refused, whatever it may', async () => {
  const page = () => Promise.reject(new Error('was read'));
  const leads: Collection = {
    ...{ name: 'leads', description: 'Leads', idName: 'leadId' },
    page,
    get: page,
  };
  const mcp = await createMcp({ deps: { collections: [leads] }, auditTools: [tool('audit_design')] });
  const { text } = await mcp.keys.create({ tenantId: 'gone', scopes: ['records', 'audit'] }, now);
  for (const [method, params] of [
    ['resources/read', { uri: 'gatehouse://leads' }],
    ['tools/list', {}],
  ] as const) {
    const asked = modernRequest(method, params);
    const refused = mcp.send(asked.body, { ...asked.headers, authorization: `Bearer ${text}` });
    await expect(refused).rejects.toMatchObject({
      status: 401,
      message: 'The key is wrong or has been revoked.',
    });
  }
});
