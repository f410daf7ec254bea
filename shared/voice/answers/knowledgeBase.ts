import { oneLine } from '../assistant/prompt.ts';
import { searchKnowledge } from '../knowledge/tenantKnowledge.ts';
import { lastWanted } from '../messages/conversation.ts';
import type { Tenant } from '../tenants/tenant.ts';

const mostDocuments = 5;

/** The answer to `knowledge-base-request`: what the business has written down, the best first. */
export function answerKnowledgeBase(tenant: Tenant, message: Record<string, unknown>) {
  const found = searchKnowledge(tenant, lastWanted(message), mostDocuments);
  const round = (similarity: number) => Math.round(similarity * 1_000) / 1_000;
  return {
    documents: found.map(({ value, similarity }) => ({
      content: oneLine(value),
      similarity: round(similarity),
    })),
  };
}
