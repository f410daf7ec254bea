import { app } from '@azure/functions';
import { endpoint } from '../shared/http/endpoint.ts';
import { checkReadiness } from '../shared/readiness.ts';
import { services } from './services.ts';

/** `GET /api/readyz`: 200 when every setting is valid and storage answers, else 503 and what is wrong. */
export const readyz = endpoint(async (_request, { log }) => {
  const readiness = await checkReadiness(services.config, services.stores, log);
  return { status: readiness.status === 'ready' ? 200 : 503, jsonBody: readiness };
});

app.http('readyz', { methods: ['GET'], authLevel: 'anonymous', route: 'readyz', handler: readyz });
