import { readBytes } from '../shared/http/body.ts';
import { http } from './register.ts';
import { required, services } from './services.ts';

/** `POST /api/vapi/webhook`: Vapi's server URL. The credential is Vapi's own, hence no function key. */
http(
  'vapiWebhook',
  { methods: ['POST'], authLevel: 'anonymous', route: 'vapi/webhook' },
  async (request, { log }) => {
    const webhook = await services.webhook();
    await webhook.authenticate(request.headers);
    const body = await readBytes(request, required(services.settings.platform).maxJson);
    return webhook.answer(body, log);
  },
);
