import { readBytes } from '../shared/http/body.ts';
import { publicUrlOf, routeParam, sourceAddressOf } from '../shared/http/identity.ts';
import { http } from './register.ts';
import { required, services } from './services.ts';

const nothing = new Uint8Array();

/**
 * `POST /api/vapi/webhook/{token?}`: Vapi's server URL; the token names the tenant where nothing else does. The
 * credential is Vapi's own, hence no function key. A body is read of strangers only where a credential signs it, and
 * never from outside the source ranges.
 */
http(
  'vapiWebhook',
  { methods: ['POST'], authLevel: 'anonymous', route: 'vapi/webhook/{token?}' },
  async (request, { log }) => {
    const started = performance.now();
    const webhook = await services.webhook();
    const read = () => readBytes(request, required(services.settings.platform).maxJson);
    const { method, headers } = request;
    const address = sourceAddressOf(headers);
    const early = webhook.needsBody(address) ? await read() : undefined;
    const { messageId } = await webhook.authenticate({
      method,
      // Hardly any format signs it, and it costs more than the signature.
      url: () => publicUrlOf(request),
      headers,
      body: early ?? nothing,
      address,
    });
    const tenantId = webhook.tenantOf(routeParam(request, 'token') || undefined);
    return webhook.answer(early ?? (await read()), log, { tenantId, messageId, started });
  },
);
