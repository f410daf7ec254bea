import { isPlaceholder } from './placeholder.ts';
import type { SecretRule } from './rule.ts';

/** Keys that Microsoft publishes for its emulators, by their beginnings. */
const emulatorKeys = ['Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50u', 'C2y6yDjf5/R+ob0N8A7Cgv30VRDJIWEHLM+4QDU5'];
const isReal = ({ secret = '' }: Readonly<Record<string, string>>) =>
  !emulatorKeys.some((key) => secret.startsWith(key));

/** Secrets of Azure, by the forms in which Azure writes them. */
export const azureRules: readonly SecretRule[] = [
  {
    id: 'azure-account-key',
    what: 'the key of an Azure storage or Cosmos DB account',
    triggers: ['AccountKey', 'accountKey', 'accountkey', 'ACCOUNTKEY', 'ACCOUNT_KEY', 'account_key'],
    pattern: /account_?key["'`]?[ \t]{0,4}[:=][ \t]{0,4}["'`]?(?<secret>[A-Za-z0-9+/]{86}==)/dgi,
    accepts: isReal,
  },
  {
    id: 'azure-shared-access-key',
    what: 'a shared access key of Service Bus, Event Hubs or IoT Hub',
    triggers: ['SharedAccessKey', 'sharedaccesskey', 'sharedAccessKey'],
    pattern:
      /sharedaccesskey["'`]?[ \t]{0,4}[:=][ \t]{0,4}["'`]?(?<secret>[A-Za-z0-9+/]{40,90}={0,2})(?![A-Za-z0-9+/=])/dgi,
  },
  {
    id: 'azure-sas-signature',
    what: 'the signature of a shared access signature (SAS)',
    triggers: ['sig=', 'Sig=', 'SIG='],
    pattern: /(?<![A-Za-z0-9_])sig=(?<secret>[A-Za-z0-9+/%_-]{40,90}(?:%3d|=)?)(?![A-Za-z0-9+/%])/dgi,
    accepts: ({ secret = '' }) => /[0-9]/.test(secret) && /[A-Z]/.test(secret),
  },
  {
    id: 'azure-client-secret',
    what: 'a client secret of Microsoft Entra ID',
    triggers: ['Q~'],
    pattern:
      /(?<![A-Za-z0-9_~.-])(?<secret>[A-Za-z0-9_~.-]{3}\dQ~[A-Za-z0-9_~.-]{31,34})(?![A-Za-z0-9_~.-])/dg,
  },
  {
    id: 'azure-ai-key',
    what: 'a key of Azure OpenAI or another Azure AI service',
    triggers: ['JQQJ99'],
    pattern: /(?<![A-Za-z0-9])(?<secret>[A-Za-z0-9]{52}JQQJ99[A-Za-z0-9]{20,30}(?:={2})?)(?![A-Za-z0-9])/dg,
  },
  {
    id: 'azure-ai-key',
    what: 'a key of Azure OpenAI or another Azure AI service',
    triggers: [
      'penai',
      'PENAI',
      'penAi',
      'penAI',
      'ognitive',
      'OGNITIVE',
      'ubscription',
      'UBSCRIPTION',
      'earch',
      'EARCH',
      'peech',
      'PEECH',
    ],
    pattern:
      /(?:openai|cognitive|subscription|search|speech|translator|vision)[A-Za-z0-9_.-]{0,30}key["'`\])]{0,3}[ \t]{0,4}(?:=>|[:=,]=?)[ \t]{0,4}["'`]?(?<secret>[0-9a-f]{32})(?![0-9a-z])/dgi,
    accepts: ({ secret = '' }) => !isPlaceholder(secret) && /[0-9]/.test(secret) && /[a-f]/i.test(secret),
  },
  {
    id: 'azure-identifiable-key',
    what: 'a key of an Azure service',
    triggers: ['+ASt', 'ACDb', 'APIM', 'AzFu', 'AzSe', '+ACR', '+ASb', '+AEh', '+ARm', '+ABa'],
    pattern:
      /(?<![A-Za-z0-9+/])(?<secret>[A-Za-z0-9+/]{76}(?:\+ASt|ACDb|APIM|\+ABa)[A-Za-z0-9+/]{6}==|[A-Za-z0-9+/]{33}\+(?:ASb|AEh|ARm)[A-Za-z0-9+/]{6}=|[A-Za-z0-9_-]{44}AzFu[A-Za-z0-9_-]{6}(?:==)?|[A-Za-z0-9+/]{42}(?:AzSe|\+ACR)[A-Za-z0-9+/]{6})(?![A-Za-z0-9+/=])/dg,
  },
  {
    id: 'function-key',
    what: 'a key of an Azure Function',
    triggers: ['?code=', '&code=', 'x-functions-key', 'X-Functions-Key'],
    pattern:
      /(?:[?&]code=|x-functions-key["'`]?[ \t]{0,4}[:=,][ \t]{0,4}["'`]?)(?<secret>[A-Za-z0-9+/_-]{50,60}(?:={1,2}|(?:%3d){1,2})?)(?![A-Za-z0-9+/])/dgi,
    accepts: ({ secret = '' }) => /[0-9]/.test(secret) && /[A-Z]/.test(secret) && !isPlaceholder(secret),
  },
];
