import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { resolve } from 'node:path';
import { CoreState, type LogSink, type CoreState as State } from './coreApi.ts';
import type { RegisteredFunction } from './coreTypes.ts';
import type { HostKeys } from './functionKeys.ts';
import { readHostJson } from './hostJson.ts';
import { createHttpServer, describeError } from './httpServer.ts';
import { invoke, triggerName } from './invoke.ts';
import { loadApp } from './loadApp.ts';
import { queueService, writeOutputs } from './outputs.ts';
import { QueueListener } from './queueListener.ts';
import { createRouter } from './router.ts';
import { readLocalSettings, resolveSetting, type Settings } from './settings.ts';
import { startTimer, timerInput } from './timers.ts';

export interface HostOptions {
  /** The app's root folder: host.json, package.json. */
  dir: string;
  /** 0 takes a free port. */
  port: number;
  keys?: HostKeys;
  /** Settings that win over local.settings.json; the process environment wins over both. */
  settings?: Settings;
  log: LogSink;
}

export interface RunningHost {
  port: number;
  routes: readonly { name: string; methods: readonly string[]; path: string }[];
  /** Functions that no request calls. */
  triggered: readonly { name: string; trigger: 'queue' | 'timer' }[];
  /** Why the app's entry points could not be loaded; no function is served then. */
  failure: unknown;
  /** Takes no more work, waits for queue functions in flight, runs `appTerminate` hooks. */
  stop(): Promise<void>;
}

/**
 * A Functions host in this process: loads one v4 app (Node allows one a process) and serves its HTTP, queue and
 * timer triggers.
 * @throws Error for an unreadable host.json or local.settings.json, or a port that is taken (`EADDRINUSE`).
 */
export async function startHost(options: HostOptions): Promise<RunningHost> {
  const dir = resolve(options.dir);
  const settings = applySettings(dir, options.settings ?? {});
  const config = readHostJson(dir, settings);
  const state = new CoreState(options.log);
  const { httpUri, failure } = await loadApp(dir, state);
  const enabled = [...state.functions.values()].filter((f) => !isDisabled(f, settings));
  const router = createRouter(enabled, config.http.routePrefix);
  for (const { name, reason } of router.refused)
    state.log('error', 'system', `the function "${name}" is in error: ${reason}`);

  const run =
    (registered: RegisteredFunction) => async (invocationId: string, input: Parameters<typeof invoke>[3]) => {
      try {
        await writeOutputs(
          registered,
          await invoke(state, registered, invocationId, input),
          settings,
          config.queues,
        );
      } catch (error) {
        state.log('error', 'system', `"${registered.metadata.name}" failed: ${describeError(error)}`);
        throw error;
      }
    };

  const server = createHttpServer({
    state,
    router,
    httpUri,
    keys: options.keys ?? {},
    maxOutstandingRequests: config.http.maxOutstandingRequests,
    writeOutputs: (registered, result) => writeOutputs(registered, result, settings, config.queues),
    runNow: (name, input) => runNow(state, name, input, run),
  });
  server.listen(options.port, '127.0.0.1');
  await once(server, 'listening');

  nameUnsupported(state, enabled);
  const listeners = startQueues(state, enabled, settings, config.queues, run);
  const stopTimers = startTimers(state, enabled, settings, run);

  return {
    port: (server.address() as AddressInfo).port,
    routes: router.routes.map(({ function: { metadata }, methods, path }) => ({
      name: metadata.name,
      methods,
      path,
    })),
    triggered: enabled.flatMap(toTriggered),
    failure,
    async stop() {
      for (const stopTimer of stopTimers) stopTimer();
      server.close();
      server.closeIdleConnections();
      await Promise.all(listeners.map((listener) => listener.stop()));
      await state.runHooks('appTerminate', { hookData: {}, appHookData: state.appHookData });
      server.closeAllConnections();
    },
  };
}

type Run = (
  registered: RegisteredFunction,
) => (invocationId: string, input: Parameters<typeof invoke>[3]) => Promise<void>;

function applySettings(dir: string, given: Settings): Settings {
  for (const [name, value] of Object.entries({ ...readLocalSettings(dir), ...given })) {
    if (value !== undefined && process.env[name] === undefined) process.env[name] = value;
  }
  return process.env;
}

function isDisabled(registered: RegisteredFunction, settings: Settings): boolean {
  const value = settings[`AzureWebJobs.${registered.metadata.name}.Disabled`];
  return value === '1' || value?.toLowerCase() === 'true';
}

function triggerOf(registered: RegisteredFunction) {
  const name = triggerName(registered);
  return { name, binding: registered.metadata.bindings[name] ?? { type: '', direction: 'in' as const } };
}

function toTriggered(registered: RegisteredFunction): RunningHost['triggered'] {
  const kind = /^(queue|timer)Trigger$/.exec(triggerOf(registered).binding.type)?.[1] as
    | 'queue'
    | 'timer'
    | undefined;
  return kind ? [{ name: registered.metadata.name, trigger: kind }] : [];
}

function runNow(state: State, name: string, input: string | undefined, run: Run): boolean {
  const registered = state.functions.get(name.toLowerCase());
  if (!registered) return false;
  const {
    name: binding,
    binding: { type },
  } = triggerOf(registered);
  if (type.toLowerCase() === 'httptrigger') return false;
  const given =
    type === 'timerTrigger'
      ? timerInput(binding)
      : { inputData: [{ name: binding, data: { string: input ?? '' } }], triggerMetadata: {} };
  void run(registered)(crypto.randomUUID(), given).catch(() => {});
  return true;
}

/** Starts what each function waits for; one that cannot be started is in error and leaves the others alone. */
function startEach<T>(
  state: State,
  functions: RegisteredFunction[],
  type: string,
  start: (registered: RegisteredFunction) => T,
): T[] {
  return functions.flatMap((registered) => {
    if (triggerOf(registered).binding.type !== type) return [];
    try {
      return [start(registered)];
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      state.log('error', 'system', `the function "${registered.metadata.name}" is in error: ${reason}`);
      return [];
    }
  });
}

function startQueues(
  state: State,
  functions: RegisteredFunction[],
  settings: Settings,
  options: ReturnType<typeof readHostJson>['queues'],
  run: Run,
) {
  return startEach(state, functions, 'queueTrigger', (registered) => {
    const { name, binding } = triggerOf(registered);
    const service = queueService(settings, binding.connection);
    const queueName = resolveSetting(String(binding.queueName), settings);
    const listener = new QueueListener({
      queue: service.getQueueClient(queueName),
      poison: service.getQueueClient(`${queueName}-poison`),
      options,
      binding: name,
      run: run(registered),
      warn: (message) => state.log('warning', 'system', message),
    });
    listener.start();
    return listener;
  });
}

function startTimers(state: State, functions: RegisteredFunction[], settings: Settings, run: Run) {
  return startEach(state, functions, 'timerTrigger', (registered) => {
    const { name, binding } = triggerOf(registered);
    const schedule = resolveSetting(String(binding.schedule), settings);
    return startTimer(name, schedule, binding.runOnStartup === true, run(registered));
  });
}

/** Says of functions with any other trigger that nothing will ever call them here. */
function nameUnsupported(state: State, functions: RegisteredFunction[]): void {
  for (const registered of functions) {
    const { type } = triggerOf(registered).binding;
    if (/^(http|queue|timer)Trigger$/i.test(type)) continue;
    state.log(
      'warning',
      'system',
      `the function "${registered.metadata.name}" has a ${type}; the local host runs HTTP, queue and timer triggers only`,
    );
  }
}
