const resultOrBaseline = /"fingerprint"\s*:\s*"[0-9a-f]{16}"/;
const sarif = /"\$schema"\s*:\s*"[^"]*sarif[^"]*"[\s\S]*?"name"\s*:\s*"Gatehouse"/;
const markdown = /^(?:<!-- gatehouse|# (?:Audit Report|Token Usage))/i;
const headLength = 4_000;

/**
 * True for a result, report or baseline of an earlier audit. It has the words of the design in it and proves nothing: as
 * source it would turn gaps into what is implemented.
 */
export function isOwnReport(text: string): boolean {
  const head = text.slice(0, headLength);
  if (markdown.test(head)) return true;
  if (!/^\s*\{/.test(head)) return false;
  if (sarif.test(head)) return true;
  return /"(?:accepted|audit_id|requirements)"\s*:/.test(head) && resultOrBaseline.test(text);
}
