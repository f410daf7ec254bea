import { app } from '@azure/functions';
import { readBytes } from '../shared/http/body.ts';
import { endpoint } from '../shared/http/endpoint.ts';
import { logLevel, required, services } from './services.ts';

/** `POST /api/vapi/webhook`: Vapi's server URL. The credential is Vapi's own, hence no function key. */
export const vapiWebhook = endpoint(async (request, { log }) => {
  const webhook = await services.webhook();
  webhook.authenticate(request.headers);
  const body = await readBytes(request, required(services.config.platform).maxJson);
  return webhook.answer(body, log);
}, logLevel);

app.http('vapiWebhook', {
  methods: ['POST'],
  authLevel: 'anonymous',
  route: 'vapi/webhook',
  handler: vapiWebhook,
});
