import { randomUUID } from 'node:crypto';
import type { CoreState } from './coreApi.ts';
import type {
  CoreInvocationContext,
  InvocationRequest,
  InvocationResponse,
  RegisteredFunction,
} from './coreTypes.ts';

/** What a trigger supplies for one invocation. */
export type TriggerInput = Pick<InvocationRequest, 'inputData' | 'triggerMetadata'> & {
  traceParent?: string | undefined;
};

/** A new W3C trace context for a trigger that arrived without one. */
export function newTraceParent(): string {
  const hex = () => randomUUID().replaceAll('-', '');
  return `00-${hex()}-${hex().slice(0, 16)}-00`;
}

/** Name of a function's trigger binding, under which its input travels. */
export function triggerName(registered: RegisteredFunction): string {
  const found = Object.entries(registered.metadata.bindings).find(([, b]) => /trigger$/i.test(b.type));
  if (!found) throw new Error(`function "${registered.metadata.name}" has no trigger`);
  return found[0];
}

/**
 * Runs one invocation through the library's model in the worker's order: arguments, `preInvocation` hooks,
 * handler, `postInvocation` hooks, response.
 * @throws whatever the handler or a hook threw and no hook cleared.
 */
export async function invoke(
  state: CoreState,
  registered: RegisteredFunction,
  invocationId: string,
  input: TriggerInput,
): Promise<InvocationResponse> {
  if (!state.model) throw new Error('the app registered no programming model');
  const { metadata } = registered;
  let invocationContext: unknown;
  const core: CoreInvocationContext = {
    invocationId,
    metadata,
    request: {
      inputData: input.inputData,
      triggerMetadata: input.triggerMetadata,
      traceContext: { traceParent: input.traceParent ?? newTraceParent(), traceState: '', attributes: {} },
    },
    log: (level, category, message) => state.log(level, category, message, metadata.name, invocationContext),
  };
  const model = await state.model.getInvocationModel(core);
  const { context, inputs } = await model.getArguments();
  invocationContext = context;

  const shared = { hookData: {}, appHookData: state.appHookData, invocationContext: context };
  const pre = { ...shared, functionCallback: registered.callback, inputs };
  await during(core, 'preInvocationHooks', () => state.runHooks('preInvocation', pre));

  const post: { result: unknown; error: unknown; inputs: unknown[] } = {
    ...shared,
    inputs: pre.inputs,
    result: null,
    error: null,
  };
  try {
    post.result = await during(core, 'invocation', () =>
      model.invokeFunction(context, pre.inputs, pre.functionCallback),
    );
  } catch (error) {
    post.error = error;
  }
  await during(core, 'postInvocationHooks', () => state.runHooks('postInvocation', post));
  if (post.error) throw post.error;
  return model.getResponse(context, post.result);
}

async function during<T>(
  core: CoreInvocationContext,
  phase: CoreInvocationContext['state'],
  run: () => Promise<T>,
): Promise<T> {
  core.state = phase;
  try {
    return await run();
  } finally {
    core.state = undefined;
  }
}
