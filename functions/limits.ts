import { callerOf, routeParam } from '../shared/http/identity.ts';
import { http } from './register.ts';
import { services } from './services.ts';

/**
 * `GET /api/limits/{policy}/{identifier}`: a limit as it stands, without using it. `DELETE`: fills it again, everywhere.
 * The identifier `me` is the caller of this request; of a policy for everybody it is `*`.
 */
http(
  'limits',
  { methods: ['GET', 'DELETE'], authLevel: 'function', route: 'limits/{policy}/{identifier}' },
  async (request, { log }) => {
    const policy = routeParam(request, 'policy');
    const by = callerOf(request);
    const { admin } = await services.limits();
    const identifier = admin.identifier(policy, routeParam(request, 'identifier'), by);
    if (request.method === 'DELETE') {
      await admin.reset(policy, identifier);
      log.warn('limit-reset', { policy, by });
      return { status: 204 };
    }
    const status = await admin.status(policy, identifier);
    log.info('limit-read', { policy, by });
    return { status: 200, jsonBody: status };
  },
);
