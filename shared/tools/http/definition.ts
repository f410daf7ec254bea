import { z } from 'zod';
import { faultsOf } from './definitionFaults.ts';
import { definitionShape, type HttpToolDefinition } from './definitionShape.ts';

/**
 * A tool as JSON: one HTTPS request, and how its answer is said. Sizes and times have bounds, unknown members are faults,
 * and every placeholder is held against what may stand in its place. `docs/tools-http.md` explains it.
 */
export const httpToolSchema = definitionShape.superRefine((definition, { addIssue }) => {
  for (const { path, message } of faultsOf(definition)) addIssue({ code: 'custom', path, message });
});

/** For editors. */
export function httpToolJsonSchema(): object {
  const schema = z.toJSONSchema(httpToolSchema, { io: 'input', unrepresentable: 'any' });
  return { ...schema, title: 'A declarative tool of Gatehouse' };
}

/** The hosts a definition talks to, with their port where it is not 443. */
export const hostsOf = ({ request: { url } }: HttpToolDefinition): string[] => [new URL(url).host];
