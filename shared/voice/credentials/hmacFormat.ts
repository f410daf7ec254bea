/** The placeholders Vapi knows. Source: `HmacAuthenticationPlan.payloadFormat` of its SDK, 2.0.1. */
const placeholders = ['body', 'timestamp', 'method', 'url', 'svix-id'] as const;
export type Placeholder = (typeof placeholders)[number];

/** A piece of what is signed: text as it stands, or what a placeholder stands for. */
export type FormatPart = { text: string } | { placeholder: Placeholder };

const isPlaceholder = (name: string): name is Placeholder => placeholders.some((known) => known === name);

/** `{timestamp}.{body}` in parts; `unknown` names placeholders that are none. */
export function parseFormat(format: string): { parts: FormatPart[]; unknown: string[] } {
  const pieces = format.split(/\{([^{}]*)\}/);
  const parts: FormatPart[] = [];
  const unknown: string[] = [];
  for (const [i, piece] of pieces.entries()) {
    const isName = i % 2 === 1;
    if (!isName && piece !== '') parts.push({ text: piece });
    else if (isName && isPlaceholder(piece)) parts.push({ placeholder: piece });
    else if (isName) unknown.push(piece);
  }
  return { parts, unknown };
}

export function formatNames(parts: readonly FormatPart[], name: Placeholder): boolean {
  return parts.some((part) => 'placeholder' in part && part.placeholder === name);
}
