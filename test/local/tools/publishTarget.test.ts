import { expect, it } from 'vitest';
import { publishTarget } from '../../../local/tools/publishTarget.ts';

const key = 'AccountKey=c2VjcmV0;EndpointSuffix=core.windows.net';

it.each([
  ['nothing', undefined, 'the running npm start'],
  ['the emulator', 'UseDevelopmentStorage=true', 'the running npm start'],
  ['an account', `DefaultEndpointsProtocol=https;AccountName=acme;${key}`, 'the account acme'],
  ['an account, as somebody typed it', `accountname = acme ;${key}`, 'the account acme'],
  [
    'a service',
    'BlobEndpoint=https://acme.blob.core.windows.net/;SharedAccessSignature=sig%3D1',
    'the account acme.blob.core.windows.net',
  ],
  ['no connection string', 'c2VjcmV0', 'the account of AzureWebJobsStorage'],
])('says where is published where AzureWebJobsStorage names %s', (_, storage, said) => {
  expect(publishTarget({ AzureWebJobsStorage: storage })).toBe(said);
});
