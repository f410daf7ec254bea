import { AppError } from '../shared/errors.ts';
import { callerOf, routeParam } from '../shared/http/identity.ts';
import { isE164 } from '../shared/voice/phoneNumber.ts';
import { http } from './register.ts';
import { services } from './services.ts';

/**
 * `PUT`, `DELETE /api/tenants/{id}/do-not-call/{number}`: campaigns of the tenant leave the number alone, or no longer.
 * The tenant `everyone` stands for all.
 */
http(
  'doNotCall',
  { methods: ['PUT', 'DELETE'], authLevel: 'function', route: 'tenants/{id}/do-not-call/{number}' },
  async (request, { log }) => {
    const { doNotCall } = await services.records();
    const [tenant, number] = [routeParam(request, 'id'), routeParam(request, 'number')];
    if (!isE164(number))
      throw new AppError('invalid-request', 'The number must be in E.164 form, its + written as %2B.');
    const whose = tenant === 'everyone' ? undefined : tenant;
    const isAdded = request.method === 'PUT';
    if (isAdded) await doNotCall.add(whose, number, new Date());
    else await doNotCall.remove(whose, number);
    log.warn('do-not-call-changed', { tenant, by: callerOf(request), isAdded });
    return { status: 204 };
  },
);
