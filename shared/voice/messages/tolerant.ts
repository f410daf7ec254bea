import { z } from 'zod';

/**
 * Schemas for what Vapi sends: a member that is absent, null or of the wrong type is simply missing. Payload shapes
 * have changed over the years, and a caller is waiting: nothing but an unusable envelope is worth refusing.
 */
export const maybeText = z.string().trim().min(1).optional().catch(undefined);
export const maybeNumber = z.number().finite().optional().catch(undefined);
export const maybeObject = <S extends z.ZodRawShape>(shape: S) => z.object(shape).optional().catch(undefined);
export const maybeList = <S extends z.ZodType>(item: S) => z.array(item).optional().catch(undefined);

/** A time sent as ISO text or epoch milliseconds, as ISO text. */
export const maybeTime = z
  .union([z.string(), z.number()])
  .optional()
  .catch(undefined)
  .transform((value) => {
    const date = value === undefined ? undefined : new Date(value);
    return date && !Number.isNaN(date.getTime()) ? date.toISOString() : undefined;
  });
