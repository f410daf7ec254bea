import type { TokenCredential } from '@azure/identity';
import { metrics, type ProxyTracerProvider, trace } from '@opentelemetry/api';
import { logs } from '@opentelemetry/api-logs';
import { getNumberFromEnv, getStringFromEnv } from '@opentelemetry/core';
import type { Resource } from '@opentelemetry/resources';
import { shutdownAzureMonitor, useAzureMonitor } from 'applicationinsights';
import { type Pipeline, settleAll } from './pipeline.ts';

const off = { enabled: false };

/** Everything that would report a second time what the Functions host or this app reports, or patch modules for it. */
const quiet = {
  enableLiveMetrics: false,
  enableStandardMetrics: false,
  enablePerformanceCounters: false,
  enableAutoCollectExceptions: false,
  enableAutoCollectPerformance: false,
  instrumentationOptions: {
    http: off,
    azureSdk: off,
    mongoDb: off,
    mySql: off,
    postgreSql: off,
    redis: off,
    redis4: off,
    bunyan: off,
    winston: off,
    console: off,
  },
};

/**
 * Sends spans, metrics and log records to Application Insights, which registers its own providers. What cannot be sent
 * is lost, not kept on disk. Signs in with the managed identity where `APPLICATIONINSIGHTS_AUTHENTICATION_STRING` asks
 * for it (`Authorization=AAD` or `Authorization=AAD;ClientId=...`), else with the connection string's key. Unless
 * `OTEL_TRACES_SAMPLER` says otherwise about five traces a second are kept, the package's own default.
 *
 * @throws Error when the connection string has no valid instrumentation key.
 */
export async function startAzureMonitor(connectionString: string, resource: Resource): Promise<Pipeline> {
  const credential = await credentialOf(getStringFromEnv('APPLICATIONINSIGHTS_AUTHENTICATION_STRING'));
  // Unless told otherwise the package prints its warnings to the console, with stacks.
  process.env.APPLICATIONINSIGHTS_INSTRUMENTATION_LOGGING_LEVEL ??= 'ERROR';
  useAzureMonitor({
    ...quiet,
    ...samplingOf(getStringFromEnv('OTEL_TRACES_SAMPLER'), getNumberFromEnv('OTEL_TRACES_SAMPLER_ARG')),
    resource,
    azureMonitorExporterOptions: {
      connectionString,
      disableOfflineStorage: true,
      ...(credential ? { credential } : {}),
    },
  });
  return {
    flush: () => settleAll(providers().map((provider) => provider.forceFlush?.() ?? Promise.resolve())),
    shutdown: shutdownAzureMonitor,
  };
}

/** The identity that the authentication string names, or undefined. */
export async function credentialOf(authentication: string | undefined): Promise<TokenCredential | undefined> {
  const fields = new Map(
    (authentication ?? '').split(';').map((pair) => {
      const [name = '', value = ''] = pair.split('=', 2);
      return [name.trim().toLowerCase(), value.trim()];
    }),
  );
  if (fields.get('authorization')?.toUpperCase() !== 'AAD') return undefined;
  const { ManagedIdentityCredential } = await import('@azure/identity');
  const clientId = fields.get('clientid');
  return clientId ? new ManagedIdentityCredential({ clientId }) : new ManagedIdentityCredential();
}

/**
 * What a standard ratio sampler means in the package's own settings; the other standard samplers it reads by itself,
 * these two it knows by other names. A missing or impossible ratio counts as 1, as the specification has it.
 */
export function samplingOf(
  sampler: string | undefined,
  ratio: number | undefined,
): { samplingRatio?: number; tracesPerSecond?: number } {
  if (sampler !== 'traceidratio' && sampler !== 'parentbased_traceidratio') return {};
  const isPossible = ratio !== undefined && ratio >= 0 && ratio <= 1;
  return { samplingRatio: isPossible ? ratio : 1, tracesPerSecond: 0 };
}

interface Flushable {
  forceFlush?(): Promise<void>;
}

function providers(): Flushable[] {
  const tracing = (trace.getTracerProvider() as ProxyTracerProvider).getDelegate();
  return [tracing, metrics.getMeterProvider(), logs.getLoggerProvider()] as Flushable[];
}
