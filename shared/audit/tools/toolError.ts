import { AppError } from '../../errors.ts';
import { type ToolContext, ToolError } from '../../tools/tool.ts';

/** What a client of the API would be told, told to the model. */
export function toToolError(error: unknown, { log }: Pick<ToolContext, 'log'>): unknown {
  if (!(error instanceof AppError)) return error;
  log.warn('audit-refused', { code: error.code });
  return new ToolError(error.message);
}
