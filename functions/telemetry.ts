import manifest from '../package.json' with { type: 'json' };
import { readDestination } from '../shared/telemetry/destination.ts';
import { startTelemetry } from '../shared/telemetry/start.ts';

/** In Azure the host reports each request; elsewhere the app's own span is the request's. */
export const inAzure = !!process.env.WEBSITE_SITE_NAME;

export const destination = readDestination(process.env);

/** Started before anything is registered, so that the first request is seen too. Without a destination this is nothing. */
export const telemetry = await startTelemetry(destination, {
  serviceName: manifest.name,
  serviceVersion: manifest.version,
  inAzure,
});
