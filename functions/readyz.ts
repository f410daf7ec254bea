import { checkReadiness } from '../shared/readiness.ts';
import { http } from './register.ts';
import { services } from './services.ts';

/**
 * `GET /api/readyz`: 200 when every setting is valid and storage answers, else 503 and what is wrong; and which
 * credentials the webhook takes.
 */
http('readyz', { methods: ['GET'], authLevel: 'anonymous', route: 'readyz' }, async (_request, { log }) => {
  const readiness = await checkReadiness(services.settings, services.stores, log);
  const isReady = readiness.status === 'ready';
  const credentials = isReady ? (await services.webhook()).credentials : undefined;
  return { status: isReady ? 200 : 503, jsonBody: { ...readiness, credentials } };
});
