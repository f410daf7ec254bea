import type { AuditOptions } from '../auditRequest.ts';
import { type GivenOptions, invalid, type OptionName } from './givenOptions.ts';

const longestQuestion = 4_000;
const longestText = 200;

// biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is looked for
const control = /[\u0000-\u001f\u007f\u2028\u2029]/;

/** A short text on one line; empty is not given. */
function line(given: GivenOptions, name: OptionName): string | undefined {
  const text = given.one(name)?.trim();
  if (!text) return undefined;
  if (text.length > longestText)
    throw invalid(`"${name}" is longer than ${longestText} characters. Shorten it.`);
  if (control.test(text)) throw invalid(`"${name}" has control characters. Write it on one line.`);
  return text;
}

function flag(given: GivenOptions, name: OptionName): boolean {
  const text = given.one(name)?.trim().toLowerCase() ?? 'false';
  if (text === 'true') return true;
  if (text === 'false') return false;
  throw invalid(`"${name}" must be true or false.`);
}

function wholeNumber(given: GivenOptions, name: OptionName): number | undefined {
  const text = given.one(name)?.trim();
  if (text === undefined) return undefined;
  if (!/^\d{1,15}$/.test(text)) throw invalid(`"${name}" must be a whole number, such as 200000.`);
  return Number(text);
}

/** US dollars with up to six decimals, as micro-dollars. */
function microDollars(given: GivenOptions, name: OptionName): number | undefined {
  const text = given.one(name)?.trim();
  if (text === undefined) return undefined;
  const [, dollars, decimals = ''] = /^(\d{1,9})(?:\.(\d{1,6}))?$/.exec(text) ?? [];
  if (dollars === undefined)
    throw invalid(`"${name}" must be US dollars with up to six decimals, such as 0.50.`);
  return Number(dollars) * 1_000_000 + Number(decimals.padEnd(6, '0'));
}

/** @throws AppError `invalid-request` for one that is too long. */
export function readQuestion(given: GivenOptions): string | undefined {
  const question = given.one('question')?.trim();
  if (question !== undefined && question.length > longestQuestion)
    throw invalid(`The question is longer than ${longestQuestion} characters. Shorten it.`);
  return question || undefined;
}

/** Checks the options as given. @throws AppError `invalid-request` that says what each may be. */
export function readOptions(given: GivenOptions, baseline: string | undefined): AuditOptions {
  return {
    project: line(given, 'project'),
    advice: flag(given, 'advice'),
    failOn: line(given, 'failOn'),
    baseline,
    maxTokens: wholeNumber(given, 'maxTokens'),
    maxCostMicroUsd: microDollars(given, 'maxCost'),
  };
}
