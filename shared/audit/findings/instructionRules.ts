/** A way in which text tries to steer whoever reads it as a model. */
export interface InstructionRule {
  id: string;
  /** What it does, for the finding. */
  what: string;
  /** Without the flag `g`; of one line. What repeats is bounded. */
  pattern: RegExp;
}

const gap = String.raw`[\s,:;'"*_-]{1,4}(?:[A-Za-z]{1,12}[\s,:;'"*_-]{1,4}){0,4}?`;
const verdicts =
  '(?:implemented|satisfied|fulfilled|compliant|met|passed|passing|complete|completed|verified|correct)';

export const instructionRules: readonly InstructionRule[] = [
  {
    id: 'override',
    what: 'tells a model to drop its instructions',
    pattern: new RegExp(
      String.raw`\b(?:ignore|disregard|forget|do not follow|don't follow)${gap}(?:all|any|the|these|those|your|my|previous|prior|above|earlier|preceding|system|other|foregoing)${gap}(?:instructions?|prompts?)\b`,
      'i',
    ),
  },
  {
    id: 'override',
    what: 'tells a model to drop its instructions',
    pattern: new RegExp(
      String.raw`\b(?:ignore|disregard|forget|override|bypass|do not follow|don't follow)${gap}(?:your|previous|prior|above|earlier|preceding|foregoing)${gap}(?:instructions?|prompts?|rules|guidelines|directions|commands|context|task|system message)\b`,
      'i',
    ),
  },
  {
    id: 'verdict',
    what: 'tells a reviewer what to find',
    pattern: new RegExp(
      String.raw`\b(?:mark|report|rate|classify|judge|consider|treat|declare|assess|answer|count|grade|label)${gap}(?:requirements?|items?|verdicts?|findings?|gaps?|checks?|criteria|criterion|controls?|everything|all)\b[^.\n]{0,40}?\b(?:as${gap})?${verdicts}\b`,
      'i',
    ),
  },
  {
    id: 'verdict',
    what: 'tells a reviewer what to find',
    pattern:
      /\b(?:report|return|output|answer|respond|say|find|flag|list|raise)\b[^.\n]{0,20}\b(?:no|zero|without)\s{1,3}(?:gaps?|findings?|violations?|missing requirements?|deviations?)\b/i,
  },
  {
    id: 'address',
    what: 'addresses a model',
    pattern:
      /\b(?:you are|act as|acting as|pretend (?:to be|you are)|imagine you are)\s{1,3}(?:now\s{1,3})?(?:(?:an?|the|my)\s{1,3})?(?:[A-Za-z-]{1,15}\s{1,3}){0,2}?(?:AI|LLM|GPT|language model|chatbot|ChatGPT|Copilot|Claude|(?:AI|LLM|code|compliance|design|security)[ -](?:auditor|reviewer|assistant|agent|model|evaluator|judge))\b/i,
  },
  {
    id: 'address',
    what: 'addresses a model',
    pattern:
      /\b(?:note|attention|message|instructions?|hint|reminder|important|dear|hello|hey)\b[\s:,!]{0,3}(?:(?:for|to|note)\s{1,3})?(?:the\s{1,3}|any\s{1,3}|all\s{1,3})?(?:AI|LLM|GPT|language[- ]model|ChatGPT|Copilot|automated|machine)\s{0,3}(?:auditors?|reviewers?|assistants?|agents?|models?|evaluators?|judges?|systems?|tools?)?(?:\s{0,3}[:,!.-]|\s{1,3}(?:you|please|must|should|do|that))/i,
  },
  {
    id: 'address',
    what: 'addresses a model',
    pattern:
      /\bif you(?:'re| are)\s{1,3}(?:an?\s{1,3})?(?:[A-Za-z-]{1,15}\s{1,3}){0,2}?(?:AI|LLM|language model|automated (?:auditor|reviewer)|(?:AI|LLM|code)[ -](?:auditor|reviewer|assistant|agent))\b/i,
  },
  {
    id: 'prompt-marker',
    what: 'imitates the frame of a prompt',
    pattern:
      /(?<!["'`])(?:<\|(?:im_start|im_end|im_sep|system|user|assistant|eot_id|start_header_id|end_header_id|begin_of_text)\|>|\[\/?INST\]|<<\/?SYS>>)|<\|(?:im_start|start_header_id)\|>\s{0,3}(?:system|user|assistant|developer)|<\/?(?:system_prompt|system-prompt|system_message|system-reminder)>|^[\s/#*-]{0,10}#{2,3}\s{0,2}(?:System|Assistant|Instruction)s?\s{0,2}:/,
  },
  {
    id: 'separator',
    what: 'imitates the separators between files',
    pattern: /^\\*#(?:FILE|HLD|TASK|QUESTION)_START#/,
  },
];

/**
 * Characters that hide or reorder text: direction overrides and isolates, tags outside of flags, invisible ones inside
 * of words or in runs. One of them alone, in a string perhaps, hides nothing.
 */
export const hiddenText =
  /[\u202a-\u202e\u2066-\u2069]|(?<![\u{1f3f4}\u{e0020}-\u{e007f}])[\u{e0020}-\u{e007f}]{2}|[A-Za-z][\u200b-\u200d\u2060-\u2064\ufeff\u00ad][A-Za-z]|[\u200b\u2060-\u2064\ufeff]{4}|[\u200c\u200d]{3}/u;
