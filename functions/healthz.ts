import { http } from './register.ts';

/** `GET /api/healthz`: this instance is alive; nothing else is asked. */
http('healthz', { methods: ['GET'], authLevel: 'anonymous', route: 'healthz' }, async () => ({
  status: 200,
  jsonBody: { status: 'ok' },
}));
