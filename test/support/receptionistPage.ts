import type { PlayedCall } from './playedCall.ts';

const intro = `# Five receptionists

For each of five businesses: the assistant Gatehouse answers an \`assistant-request\` with, and a call. The businesses are in
[\`local/sample/businesses.json\`](../local/sample/businesses.json) and can be imported as they stand
(\`npm run tenants -- import local/sample/businesses.json\`). A test plays these calls against the webhook and holds this page to what it
answers: first words, instructions, results of tools and what is stored are Gatehouse's. What caller and receptionist say was
written by hand after those instructions; no language model was at hand to speak it.
`;

const fenced = (language: string, text: string) => `\`\`\`${language}\n${text}\n\`\`\``;

function toolNames({ assistant }: PlayedCall): string {
  return assistant.model.tools.map(({ type, function: f }) => `\`${f?.name ?? type}\``).join(', ');
}

function turnLine(turn: PlayedCall['turns'][number]): string {
  if ('caller' in turn) return `> **Caller:** ${turn.caller}`;
  if ('receptionist' in turn) return `> **Receptionist:** ${turn.receptionist}`;
  if ('vapi' in turn) return `> *Vapi: \`${turn.vapi}\`${turn.to ? `, ${turn.to}` : ''}*`;
  return `> *\`${turn.tool}\` \`${JSON.stringify(turn.arguments)}\`*\n>\n> *answers* \`${turn.result}\``;
}

/** A stored wish as a person reads it, without ids and times. */
function leadLines(lead: PlayedCall['leads'][number]): string[] {
  const hidden = ['leadId', 'callId', 'createdAt', 'updatedAt', 'tenantId'];
  return Object.entries(lead)
    .filter(([key, value]) => !hidden.includes(key) && value !== undefined && value !== '')
    .map(([key, value]) => `| ${key} | ${String(value).replaceAll('|', '\\|')} |`);
}

function chapter(played: PlayedCall): string {
  const { script, tenant, assistant, turns, leads } = played;
  const { voice, model } = assistant;
  const consent = tenant.recording.consent
    ? ` Before its first words Vapi asks: “${tenant.recording.notice}”`
    : '';
  const read = Object.keys(tenant.analysis.structuredData).map((name) => `\`${name}\``);
  const afterwards = read.length > 0 ? ` After the call Vapi reads ${read.join(', ')} from it.` : '';
  return [
    `## ${tenant.businessName}`,
    `### The assistant`,
    `Voice \`${voice.provider}\` \`${voice.voiceId}\`, model \`${model.provider}\` \`${model.model}\`, tools ${toolNames(played)}.${consent}${afterwards} It is told:`,
    fenced('text', model.messages[0].content),
    `### ${script.title.replace(/^An? /, 'The call to the ')}`,
    [`> **Receptionist:** ${assistant.firstMessage}`, ...turns.map(turnLine)].join('\n>\n'),
    'What is stored of it:',
    ...leads.map((lead) => ['| | |', '| --- | --- |', ...leadLines(lead)].join('\n')),
  ].join('\n\n');
}

/** The page of the played calls, Markdown. */
export function toPage(played: readonly PlayedCall[]): string {
  return `${[intro.trim(), ...played.map(chapter)].join('\n\n')}\n`;
}
