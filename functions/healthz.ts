import { app } from '@azure/functions';
import { endpoint } from '../shared/http/endpoint.ts';

/** `GET /api/healthz`: this instance is alive; nothing else is asked. */
export const healthz = endpoint(async () => ({ status: 200, jsonBody: { status: 'ok' } }));

app.http('healthz', { methods: ['GET'], authLevel: 'anonymous', route: 'healthz', handler: healthz });
