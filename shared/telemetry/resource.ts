import { randomUUID } from 'node:crypto';
import {
  defaultResource,
  detectResources,
  envDetector,
  type Resource,
  resourceFromAttributes,
} from '@opentelemetry/resources';

/** What says who reports. */
export interface Service {
  serviceName: string;
  serviceVersion: string;
  /** Whether this process runs in Azure Functions and not on someone's machine. */
  inAzure: boolean;
}

/**
 * The resource of every span, metric and log record. `OTEL_RESOURCE_ATTRIBUTES` overrides what is given here and
 * `OTEL_SERVICE_NAME` overrides both, as the OpenTelemetry specification has it.
 */
export function describeService(
  service: Service,
  env: Readonly<Record<string, string | undefined>>,
): Resource {
  const name = env.OTEL_SERVICE_NAME?.trim();
  return defaultResource()
    .merge(
      resourceFromAttributes({
        'service.name': service.serviceName,
        'service.version': service.serviceVersion,
        // Not the machine's id: two workers on one machine would write one time series.
        'service.instance.id': randomUUID(),
        ...(service.inAzure ? azure(env) : {}),
      }),
    )
    .merge(detectResources({ detectors: [envDetector] }))
    .merge(resourceFromAttributes(name ? { 'service.name': name } : {}));
}

function azure(env: Readonly<Record<string, string | undefined>>): Record<string, string> {
  return {
    'cloud.provider': 'azure',
    'cloud.platform': 'azure.functions',
    ...(env.REGION_NAME ? { 'cloud.region': env.REGION_NAME } : {}),
    ...(env.WEBSITE_SITE_NAME ? { 'faas.name': env.WEBSITE_SITE_NAME } : {}),
    ...(env.WEBSITE_INSTANCE_ID ? { 'faas.instance': env.WEBSITE_INSTANCE_ID } : {}),
  };
}
