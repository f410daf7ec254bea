import { conformToSchema } from './conformToSchema.ts';
import type { AnswerScript } from './reply.ts';
import { auditByWords } from './wordMatchAudit.ts';

/**
 * What the stand-in says where nobody scripted it: to one of Gatehouse's audits an audit by shared words, in the shape
 * the request asks for; to any other request that asks for JSON the plainest value that fits; else a sentence.
 */
export const defaultAnswer: AnswerScript = ({ messages, format }) => {
  const prompt = messages.flatMap(({ parts }) => parts.map(({ text }) => text)).join('\n');
  const audit = auditByWords(prompt);
  if (format.kind === 'schema')
    return { content: JSON.stringify(conformToSchema(audit ?? {}, format.schema)) };
  if (audit || format.kind === 'object') return { content: JSON.stringify(audit ?? {}) };
  const length = messages.length === 1 ? 'one message' : `${messages.length} messages`;
  return { content: `This is the model service stand-in. No model was called; it received ${length}.` };
};
