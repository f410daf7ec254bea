import { compileSchema, type SchemaCheck, SchemaError } from '../schema/compileSchema.ts';
import type { JsonSchema } from '../tool.ts';
import { LoadFailure } from './loadFailure.ts';

/** @throws LoadFailure `schema`, with the first faults. */
export async function compileOrFail(schema: JsonSchema, member: string): Promise<SchemaCheck> {
  try {
    return await compileSchema(schema);
  } catch (error) {
    if (error instanceof SchemaError)
      throw new LoadFailure('schema', `${member}: ${error.faults.slice(0, 5).join('; ')}`);
    throw error;
  }
}
