import type { Tenant } from '../tenants/tenant.ts';
import { type Entry, KnowledgeIndex, type Ranked } from './ranking.ts';

const indexes = new WeakMap<Tenant, KnowledgeIndex<string>>();

/**
 * What a business has written down that answers a question, best first: answers to questions callers ask, and services
 * with what may be said of them. Each as one paragraph.
 */
export function searchKnowledge(tenant: Tenant, question: string, most: number): Ranked<string>[] {
  let index = indexes.get(tenant);
  if (!index) {
    index = new KnowledgeIndex(entriesOf(tenant));
    indexes.set(tenant, index);
  }
  return index.search(question, most);
}

function entriesOf({ faq, services, address }: Tenant): Entry<string>[] {
  return [
    ...faq.map(({ question, answer }) => ({ value: `${question} ${answer}`, title: question, text: answer })),
    ...services.map(({ name, description = '', price }) => {
      const text = [description, ...(price ? [`Price: ${price}`] : [])].filter(Boolean).join('. ');
      return { value: text ? `${name}: ${text}` : `${name} is one of our services.`, title: name, text };
    }),
    ...(address
      ? [
          {
            value: `The address is ${address}.`,
            title: 'address location',
            text: `where find you ${address}`,
          },
        ]
      : []),
  ];
}
