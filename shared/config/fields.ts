import { z } from 'zod';

/** Kinds of settings. All arrive as text; an empty one has been taken for not set before they are read. */

const megabyte = 1024 * 1024;
export const text = (fallback: string) => z.string().trim().min(1).default(fallback);
export const optionalText = z.string().trim().min(1).optional();
export const list = (fallback: string) =>
  text(fallback).transform((s) =>
    s
      .split(',')
      .map((part) => part.trim())
      .filter(Boolean),
  );
export const whole = (fallback: number, min: number, max: number) => {
  const error = `must be a whole number from ${min} to ${max}`;
  return z.coerce.number(error).int(error).min(min, error).max(max, error).default(fallback);
};
export const optionalWhole = (min: number, max: number) => {
  const error = `must be a whole number from ${min} to ${max}`;
  return z.coerce.number(error).int(error).min(min, error).max(max, error).optional();
};
export const megabytes = (fallback: number, max: number) => {
  const error = `must be a number of megabytes up to ${max}`;
  const toBytes = (mb: number) => Math.floor(mb * megabyte);
  return z.coerce.number(error).positive(error).max(max, error).default(fallback).transform(toBytes);
};
export const flag = z
  .enum(['true', 'false'], 'must be true or false')
  .default('false')
  .transform((value) => value === 'true');
/** An http or https address. */
export const url = z.url({ protocol: /^https?$/, error: 'must be an http or https address' }).optional();
