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
export const whole = (fallback: number, min: number, max: number) =>
  z.coerce.number().int().min(min).max(max).default(fallback);
export const megabytes = (fallback: number, max: number) =>
  z.coerce
    .number()
    .positive()
    .max(max)
    .default(fallback)
    .transform((mb) => Math.floor(mb * megabyte));
export const flag = z
  .enum(['true', 'false'])
  .default('false')
  .transform((value) => value === 'true');
export const url = z.url({ protocol: /^https?$/, error: 'must be an http or https address' }).optional();
