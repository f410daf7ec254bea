import type { JsonSchema } from '../tool.ts';

/** Where the values of a schema begin, counted upwards or downwards; an open end is not among them. */
interface End {
  value: number;
  isOpen: boolean;
}

interface Side {
  closed: 'minimum' | 'maximum';
  open: 'exclusiveMinimum' | 'exclusiveMaximum';
  /** Turns the upper end into a lower one. */
  sign: 1 | -1;
}

const sides: readonly Side[] = [
  { closed: 'minimum', open: 'exclusiveMinimum', sign: 1 },
  { closed: 'maximum', open: 'exclusiveMaximum', sign: -1 },
];

/** What of the numbers one schema takes another does not, by the numbers themselves: a bound may be said in two ways. */
export function numberNarrowings(before: JsonSchema, after: JsonSchema): string[] {
  const faults = sides.flatMap((side) => boundFaults(before, after, side));
  const { multipleOf } = after;
  if (typeof multipleOf === 'number' && !isMultiple(before, multipleOf))
    faults.push(`must now be a multiple of ${multipleOf}`);
  return faults;
}

/** True where all numbers a schema takes are whole. */
export const isWhole = ({ type, multipleOf }: JsonSchema) =>
  type === 'integer' || Number.isInteger(multipleOf);

function boundFaults(before: JsonSchema, after: JsonSchema, side: Side): string[] {
  const end = endOf(before, side);
  const isTight = (key: Side['closed' | 'open'], isOpen: boolean) => {
    const bound = after[key];
    if (typeof bound !== 'number' || bound === before[key]) return false;
    const distance = end ? end.value - side.sign * bound : -1;
    return isOpen && !end?.isOpen ? distance <= 0 : distance < 0;
  };
  const tight = [isTight(side.closed, false) && side.closed, isTight(side.open, true) && side.open];
  return tight.filter((key) => key !== false).map((key) => `${key} is now ${after[key]}`);
}

function endOf(schema: JsonSchema, { closed, open, sign }: Side): End | undefined {
  const ends = [
    { value: schema[closed], isOpen: false },
    { value: schema[open], isOpen: true },
  ].flatMap(({ value, isOpen }) => (typeof value === 'number' ? [{ value: sign * value, isOpen }] : []));
  const end = ends.reduce<End | undefined>((a, b) => (a && a.value > b.value ? a : b), undefined);
  return end && snapped(end, schema);
}

/** Of numbers that are so far apart, the first one. */
function snapped(end: End, schema: JsonSchema): End {
  if (!isWhole(schema)) return end;
  const step = Number.isInteger(schema.multipleOf) ? (schema.multipleOf as number) : 1;
  const first = Math.ceil(end.value / step) * step;
  const value = end.isOpen && first === end.value ? first + step : first;
  return Number.isSafeInteger(value) ? { value, isOpen: false } : end;
}

/**
 * Whether whatever divides by the schema's factor without a rest, as floating point numbers do, divides by another one:
 * 6.3 is a multiple of 0.9 and none of 0.1.
 */
function isMultiple({ type, multipleOf }: JsonSchema, factor: number): boolean {
  return divides(factor, multipleOf) || (type === 'integer' && divides(factor, 1));
}

/** Multiples of a number with few binary digits are exact, and so near a multiple of the factor is rounded to it. */
function divides(factor: number, number: unknown): boolean {
  if (typeof number !== 'number') return false;
  const rest = number % factor;
  if (rest === 0 && Number.isInteger(Math.log2(number / factor))) return true;
  return Number.isInteger(number * 1_024) && Math.min(rest, factor - rest) / number <= 2 ** -54;
}
