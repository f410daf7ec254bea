import type { HttpToolDefinition } from './definitionShape.ts';
import { partsOf } from './template.ts';

/** The names of the secrets a definition uses, each once. */
export function secretsOf({ request: { headers = {} } }: HttpToolDefinition): string[] {
  const parts = Object.values(headers).flatMap((text) => partsOf(text));
  const names = parts.flatMap((part) =>
    typeof part === 'object' && part.kind === 'secret' ? [part.name] : [],
  );
  return [...new Set(names)];
}

/** A text without the values of these secrets, should a service have sent one back. */
export function withoutSecrets(text: string, values: readonly string[]): string {
  return values.reduce((clean, value) => clean.replaceAll(value, '[secret]'), text);
}
