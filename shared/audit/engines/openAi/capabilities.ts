import OpenAI from 'openai';

/** What a server takes. */
export interface Capabilities {
  api: 'responses' | 'chat';
  /** `schema`: strict structured output; `object`: any JSON object; `text`: neither. */
  format: 'schema' | 'object' | 'text';
  /** The prompt cache of GPT-5.6 and later: only what is marked is kept, at a surcharge. */
  breakpoints: boolean;
  cacheKey: boolean;
  outputLimit: boolean;
  /** Asking that nothing be stored. */
  store: boolean;
  effort: boolean;
}

/** Models whose prompt cache keeps any long prefix by itself, without marks. */
const before56 = /^(?:gpt-(?:3\.?5|4|5(?:\.[0-5])?)(?![.\d])|gpt-4|o[134](?!\d)|chatgpt)/i;

/** What can be expected of a server before it was asked: `model` is the best known name of what it runs. */
export function expected(api: Capabilities['api'], model: string): Capabilities {
  return {
    api,
    format: 'schema',
    breakpoints: !before56.test(model),
    cacheKey: true,
    outputLimit: true,
    store: true,
    effort: true,
  };
}

const unknownMember =
  /unrecogni[sz]ed|unsupported|unknown|not (?:supported|permitted|allowed|offered)|extra|invalid_parameter/i;

/**
 * Learns from an error what the server does not take. True where something was learned, and asking again can help: each
 * lesson takes something away, so that there is an end to it.
 */
export function learn(can: Capabilities, error: unknown): boolean {
  if (!(error instanceof OpenAI.APIError)) return false;
  const said = `${error.param ?? ''} ${error.code ?? ''} ${error.message}`;
  if (can.api === 'responses' && hasNoResponses(error, said)) {
    can.api = 'chat';
    return true;
  }
  if (error.status !== 400 && error.status !== 422) return false;
  return lessons.some(([member, needsUnknown, isKnown, forget]) => {
    const applies = isKnown(can) && member.test(said) && (!needsUnknown || unknownMember.test(said));
    if (applies) forget(can);
    return applies;
  });
}

/** An address that does not exist is told from a deployment that does not. */
function hasNoResponses(error: InstanceType<typeof OpenAI.APIError>, said: string): boolean {
  if (error.status === 405 || error.status === 501) return true;
  if (error.status === 404) return !/DeploymentNotFound|model_not_found|does not exist/i.test(said);
  return (
    error.status === 400 &&
    /OperationNotSupported|operation is unsupported|does not support.*responses/i.test(said)
  );
}

type Lesson = readonly [
  member: RegExp,
  /** A value that is refused is no member that is unknown. */
  needsUnknown: boolean,
  isKnown: (can: Capabilities) => boolean,
  forget: (can: Capabilities) => void,
];

const lessons: readonly Lesson[] = [
  [
    /prompt_cache_(?:options|breakpoint)/,
    false,
    (can) => can.breakpoints,
    (can) => {
      can.breakpoints = false;
    },
  ],
  [
    /prompt_cache_key/,
    true,
    (can) => can.cacheKey,
    (can) => {
      can.cacheKey = false;
    },
  ],
  [
    /response_format|json_schema|text\.format|json_object/,
    false,
    (can) => can.format !== 'text',
    (can) => {
      can.format = can.format === 'schema' ? 'object' : 'text';
    },
  ],
  [
    /max_(?:completion|output)_tokens/,
    true,
    (can) => can.outputLimit,
    (can) => {
      can.outputLimit = false;
    },
  ],
  [
    /\bstore\b/,
    true,
    (can) => can.store,
    (can) => {
      can.store = false;
    },
  ],
  [
    /reasoning/,
    true,
    (can) => can.effort,
    (can) => {
      can.effort = false;
    },
  ],
];
