import type { TableServiceClientOptions } from '@azure/data-tables';
import { traced } from '../../telemetry/spans.ts';
import type { ServerClock } from '../serverClock.ts';

type Policies = NonNullable<TableServiceClientOptions['additionalPolicies']>;
type Service = 'blob' | 'queue' | 'table';

/**
 * Container, queue or table of a request: the one part of its path that says nothing of tenants or callers. An emulator
 * is reached by address, with the account first in the path.
 */
function templateOf({ hostname, pathname }: URL): string {
  const parts = pathname.split('/').filter(Boolean);
  const byAddress = hostname === 'localhost' || /^[\d.]+$|:/.test(hostname);
  const [name = ''] = (parts[byAddress ? 1 : 0] ?? '').split('(');
  return `/${name}`;
}

/** A client span for every HTTP request to storage, tries of one operation apart, and a look at the server's clock. */
export function observed(service: Service, clock: ServerClock): Policies {
  const policy: Policies[number]['policy'] = {
    name: 'gatehouse-observed',
    sendRequest(request, next) {
      const url = new URL(request.url);
      const template = templateOf(url);
      return traced(
        `${request.method} ${template}`,
        async (span) => {
          const sentAt = Date.now();
          const response = await next(request);
          const date = Date.parse(response.headers.get('date') ?? '');
          if (Number.isFinite(date)) clock.observe(date, sentAt, Date.now());
          const { status } = response;
          span.set({
            'http.response.status_code': status,
            'error.type': status >= 400 ? String(status) : undefined,
          });
          return response;
        },
        {
          kind: 'client',
          attributes: {
            'http.request.method': request.method,
            'url.template': template,
            'server.address': url.hostname,
            'server.port': Number(url.port) || (url.protocol === 'https:' ? 443 : 80),
            'az.service': service,
          },
        },
      );
    },
  };
  return [{ policy, position: 'perRetry' }];
}
