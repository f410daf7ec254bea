import { checkReadiness } from '../shared/readiness.ts';
import { http } from './register.ts';
import { services } from './services.ts';

/** `GET /api/readyz`: 200 when every setting is valid and storage answers, else 503 and what is wrong. */
http('readyz', { methods: ['GET'], authLevel: 'anonymous', route: 'readyz' }, async (_request, { log }) => {
  const readiness = await checkReadiness(services.settings, services.stores, log);
  return { status: readiness.status === 'ready' ? 200 : 503, jsonBody: readiness };
});
