import type { TokenEncoding } from '../../config/audit.ts';

/**
 * The encoding a deployment's model counts in: by setting for that deployment, else by the model's name, else
 * o200k_base (every OpenAI model since gpt-4o).
 */
export function encodingFor(
  deployment: string,
  configured: Readonly<Record<string, TokenEncoding>>,
): TokenEncoding {
  const byName = /^gpt-?(?:4|3\.?5)(?:-|$)/i.test(deployment) ? 'cl100k_base' : 'o200k_base';
  return configured[deployment] ?? byName;
}
