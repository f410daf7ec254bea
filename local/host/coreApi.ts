import type {
  FunctionCallback,
  FunctionMetadata,
  LogCategory,
  LogLevel,
  ProgrammingModel,
  RegisteredFunction,
} from './coreTypes.ts';

const hookNames = ['appStart', 'appTerminate', 'preInvocation', 'postInvocation', 'log'] as const;
export type HookName = (typeof hookNames)[number];
type Hook = (context: object) => unknown;

/** Where a log line of the app or the library goes. */
export type LogSink = (line: {
  level: LogLevel;
  category: LogCategory;
  message: string;
  functionName?: string;
}) => void;

/** What `registerFunction` and its like left behind when an app's entry points were loaded. */
export class CoreState {
  readonly functions = new Map<string, RegisteredFunction>();
  readonly #hooks = new Map<HookName, Hook[]>(hookNames.map((name) => [name, []]));
  readonly appHookData: Record<string, unknown> = {};
  readonly #sink: LogSink;
  model: ProgrammingModel | undefined;

  constructor(sink: LogSink) {
    this.#sink = sink;
  }

  addHook(name: string, hook: Hook): () => void {
    const hooks = this.#hooks.get(name as HookName);
    if (!hooks) {
      throw Object.assign(new RangeError(`Unrecognized hook "${name}"`), {
        isAzureFunctionsSystemError: true,
      });
    }
    hooks.push(hook);
    return () => void hooks.splice(hooks.indexOf(hook), 1);
  }

  /** Runs the hooks of one name in the order they were registered, as the genuine worker does. */
  async runHooks(name: HookName, context: object): Promise<void> {
    for (const hook of this.#hooks.get(name) ?? []) await hook(context);
  }

  /** Passes a line through the app's `log` hooks, which may rewrite it, and hands it on. */
  log(
    level: LogLevel,
    category: LogCategory,
    message: string,
    functionName?: string,
    invocationContext?: unknown,
  ) {
    const context = {
      level,
      category,
      message,
      hookData: {},
      appHookData: this.appHookData,
      invocationContext,
    };
    for (const hook of this.#hooks.get('log') ?? []) hook(context);
    this.#sink({
      level: context.level,
      category,
      message: context.message,
      ...(functionName === undefined ? {} : { functionName }),
    });
  }
}

class Disposable {
  readonly #dispose: () => unknown;
  constructor(dispose: () => unknown) {
    this.#dispose = dispose;
  }
  static from(...parts: { dispose(): unknown }[]) {
    return new Disposable(() => {
      for (const part of parts) part.dispose();
    });
  }
  dispose(): unknown {
    return this.#dispose();
  }
}

/**
 * The module object that `require('@azure/functions-core')` gives to an app.
 * @throws Error when a function name is registered twice; the genuine worker then loads no function at all.
 */
export function createCoreApi(state: CoreState) {
  return {
    version: '3.12.0',
    hostVersion: '4.1037.0',
    registerFunction(metadata: FunctionMetadata, callback: FunctionCallback) {
      const key = metadata.name.toLowerCase();
      if (state.functions.has(key))
        throw new Error(`A function with name "${metadata.name}" has already been registered.`);
      state.functions.set(key, { metadata, callback });
      return new Disposable(() => state.functions.delete(key));
    },
    registerHook(name: string, hook: Hook) {
      return new Disposable(state.addHook(name, hook));
    },
    setProgrammingModel(model: ProgrammingModel) {
      state.model = model;
    },
    getProgrammingModel() {
      return state.model;
    },
    log(level: LogLevel, category: LogCategory, message: string) {
      state.log(level, category, message);
    },
    Disposable,
  };
}
