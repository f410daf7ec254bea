import type { ToolAdvice } from '../../tools/registry.ts';

/** What a receptionist with a caller on the line does where a tool leaves it alone. */
export const callAdvice: ToolAdvice = {
  failed: 'Apologise and offer to take a message.',
  invalid: 'Ask the caller for what is missing and call the tool again.',
};
