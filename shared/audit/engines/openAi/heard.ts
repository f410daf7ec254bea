import { AppError } from '../../../errors.ts';
import { isObject } from '../../../isObject.ts';
import { wholeCount } from '../../../usage/bill.ts';
import type { ModelReply } from '../../../usage/modelCalls.ts';
import type { Capabilities } from './capabilities.ts';
import type { ModelAnswer, ModelQuestion } from './modelQuestion.ts';
import { unusable } from './modelReply.ts';

/** What came back, by whichever API. */
export interface Heard {
  model: string | undefined;
  text: string;
  isRefused: boolean;
  ending: 'stop' | 'length' | 'filter' | 'failed';
  /** Figures as they were told: servers have been seen to send fractions and text. */
  usage: { input: unknown; output: unknown; cached: unknown; written: unknown } | undefined;
}

/** The text of a message: some servers tell it in parts. What is no text says nothing. */
export function textOf(told: unknown): string {
  if (typeof told === 'string') return told;
  return Array.isArray(told)
    ? told.map((part: unknown) => textOf(isObject(part) ? part.text : part)).join('')
    : '';
}

/** The name a model gives itself, where it is one. */
export const nameOf = (told: unknown) => (typeof told === 'string' ? told : undefined);

/** Servers without structured output are told the shape in words; that JSON is mentioned is a condition of theirs. */
export function systemText<T>({ system, shape }: ModelQuestion<T>, { format }: Capabilities): string {
  if (format === 'schema') return system;
  return `${system}\nAnswer with one JSON object, and nothing else, that follows this JSON Schema:\n${JSON.stringify(shape.schema)}`;
}

/** Raised for an answer that ended at its output limit: fewer requirements in one question can help. */
export const cutOff = 'cut-off';

/** What was heard, as a reply: an answer of the right shape, or why it is of no use. */
export function toAnswer<T>(heard: Heard, { shape }: ModelQuestion<T>): ModelReply<ModelAnswer<T>> {
  const tokens = {
    input: wholeCount(heard.usage?.input),
    cached: wholeCount(heard.usage?.cached),
    written: wholeCount(heard.usage?.written),
    output: wholeCount(heard.usage?.output),
  };
  const told = { model: heard.model, ...(heard.usage ? { tokens } : {}) };
  const fault = faultOf(heard);
  if (fault) return { ...told, ...unusable(fault) };
  try {
    const value = shape.read(withoutFence(heard.text));
    return { ok: true, ...told, finishReason: heard.ending, value: { value, tokens, model: heard.model } };
  } catch (error) {
    return { ...told, ...unusable(error) };
  }
}

/** Models without structured output like to wrap JSON in a fence. */
const withoutFence = (text: string) => /^\s*```(?:json)?\s*\n(.*)\n\s*```\s*$/s.exec(text)?.[1] ?? text;

function faultOf({ isRefused, ending, text }: Heard): AppError | undefined {
  const failed = (message: string, details?: Record<string, unknown>) =>
    new AppError('engine-failed', message, details ? { details } : {});
  if (isRefused) return failed('The model refused to audit this source.');
  if (ending === 'filter') return failed("The model's content filter stopped the audit.");
  if (ending === 'length')
    return failed(
      "The model's answer was cut off at its output limit. Raise GATEHOUSE_MODEL_MAX_OUTPUT_TOKENS, or shorten the design.",
      { reason: cutOff },
    );
  if (ending === 'failed') return failed('The model service failed while it answered. Try again.');
  if (text.trim() === '') return failed('The model gave an empty answer. Nothing was cached; try again.');
  return undefined;
}
