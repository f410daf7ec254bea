import { createHash } from 'node:crypto';

let made = 0;

/** As many characters of an alphabet as asked for, as even as chance and other ones every time, the same in every run. */
export function chars(length: number, alphabet: string): string {
  let text = '';
  for (let block = 0; text.length < length; block++)
    for (const byte of createHash('sha256').update(`${made} ${block}`).digest())
      text += alphabet[byte % alphabet.length] ?? '';
  made++;
  return text.slice(0, length);
}

const lower = 'abcdefghijklmnopqrstuvwxyz';
const upper = lower.toUpperCase();
const digits = '0123456789';

export const alphanumeric = (length: number) => chars(length, lower + upper + digits);
export const base64 = (length: number) => chars(length, `${lower}${upper}${digits}+/`);
export const hex = (length: number) => chars(length, '0123456789abcdef');
const url64 = (length: number) => chars(length, `${lower}${upper}${digits}_-`);

/** A line with a secret, what of it is the secret, and the rule that finds it. */
export interface Planted {
  rule: string;
  line: string;
  secret: string;
  /** Where it only counts in files of this kind. */
  path?: string;
}

function plant(rule: string, secret: string, line: (secret: string) => string, path?: string): Planted {
  return { rule, secret, line: line(secret), ...(path === undefined ? {} : { path }) };
}

/** One or more of each kind, in the shapes in which they are found in source. Nothing here opens anything. */
export const planted: readonly Planted[] = [
  plant(
    'azure-account-key',
    `${base64(86)}==`,
    (s) =>
      `"DefaultEndpointsProtocol=https;AccountName=shop;AccountKey=${s};EndpointSuffix=core.windows.net"`,
  ),
  plant(
    'azure-account-key',
    `${base64(86)}==`,
    (s) => `AccountEndpoint=https://shop.documents.azure.com:443/;AccountKey=${s};`,
    '.env',
  ),
  plant('azure-account-key', `${base64(86)}==`, (s) => `  accountKey: '${s}',`),
  plant(
    'azure-shared-access-key',
    `${base64(43)}=`,
    (s) =>
      `"Endpoint=sb://shop.servicebus.windows.net/;SharedAccessKeyName=Root;SharedAccessKey=${s};EntityPath=orders"`,
  ),
  plant(
    'azure-sas-signature',
    `${alphanumeric(20)}A7${alphanumeric(20)}%3D`,
    (s) => `url = "https://shop.blob.core.windows.net/c/b?sv=2023-11-03&se=2027-01-01&sp=r&sig=${s}"`,
  ),
  plant(
    'azure-client-secret',
    `${alphanumeric(3)}8Q~${chars(34, `${lower}${upper}${digits}`)}`,
    (s) => `clientSecret: "${s}",`,
  ),
  plant('azure-ai-key', hex(32), (s) => `AZURE_OPENAI_API_KEY=${s}`, '.env'),
  plant('azure-ai-key', hex(32), (s) => `headers = {"Ocp-Apim-Subscription-Key": "${s}"}`, 'src/a.py'),
  plant(
    'azure-ai-key',
    `${alphanumeric(52)}JQQJ99${alphanumeric(26)}`,
    (s) => `const client = new Client('${s}');`,
  ),
  plant(
    'azure-identifiable-key',
    `${base64(76)}+ASt${base64(6)}==`,
    (s) => `new StorageSharedKeyCredential(name, "${s}")`,
  ),
  plant(
    'function-key',
    `${alphanumeric(20)}B4${alphanumeric(32)}==`,
    (s) => `https://shop.azurewebsites.net/api/orders?code=${s}`,
  ),
  plant(
    'aws-access-key-id',
    `AKIA${chars(16, 'ABCDEFGHJKLMNPQRSTUVWXYZ234567')}`,
    (s) => `aws_access_key_id = ${s}`,
  ),
  plant('aws-secret-access-key', base64(40), (s) => `AWS_SECRET_ACCESS_KEY: "${s}"`),
  plant('jwt', `eyJ${url64(30)}.eyJ${url64(60)}.${url64(43)}`, (s) => `const session = '${s}';`),
  plant(
    'bearer-token',
    `${alphanumeric(20)}0${alphanumeric(19)}`,
    (s) => `curl -H "Authorization: Bearer ${s}"`,
  ),
  plant('url-credentials', 'k3Lq-90xTr', (s) => `postgres://app:${s}@db.internal:5432/shop`),
  plant('url-credentials', 'Zq81mmPw', (s) => `"amqps://worker:${s}@mq.internal/"`),
  plant(
    'connection-string-password',
    'Tr0ub4dor&3x',
    (s) =>
      `"Server=tcp:shop.database.windows.net;Initial Catalog=shop;User ID=app;Password=${s};Encrypt=True"`,
  ),
  plant(
    'connection-string-password',
    `${base64(43)}=`,
    (s) => `cache.redis.cache.windows.net:6380,password=${s},ssl=True,abortConnect=False`,
  ),
  plant('password', 'Wint3r!Kommt', (s) => `const password = "${s}";`),
  plant('password', '!Wint3rKommt', (s) => `const password = "${s}";`),
  plant('password', '@Wint3r$Kommt', (s) => `password: '${s}'`, 'a.yaml'),
  plant('secret', `/q7${alphanumeric(30)}4`, (s) => `signingKey = "${s}"`),
  plant('password', 'Wint3r!Kommt', (s) => `db.password=${s}`, 'app.properties'),
  plant('password', 'Wint3r!Kommt', (s) => `  "dbPassword": "${s}",`, 'appsettings.json'),
  plant('password', 'Wint3r!Kommt', (s) => `<add key="SmtpPassword" value="${s}" />`, 'web.config'),
  plant('password', 'Wint3r!Kommt', (s) => `    password: ${s}`, 'deploy.yaml'),
  plant('password', 'Wint3r!Kommt', (s) => `builder.password("${s}");`, 'A.java'),
  plant('password', 'Wint3r!Kommt', (s) => `const pw = process.env.DB_PASSWORD ?? '${s}';`),
  plant('password', 'Wint3r!Kommt', (s) => `db = os.environ.get("DB_PASSWORD", "${s}")`, 'a.py'),
  plant('password', 'Wint3r!Kommt', (s) => `const body = "{\\"password\\": \\"${s}\\"}";`),
  plant('password', 'Wint3r!Kommt', (s) => `CREATE USER app WITH PASSWORD '${s}';`, 'a.sql'),
  plant('password', 'Wint3r!Kommt', (s) => `<password>${s}</password>`, 'settings.xml'),
  plant(
    'secret',
    `q7${alphanumeric(30)}4`,
    (s) => `fetch("https://api.example.net/v1?units=si&api_key=${s}&lang=en")`,
  ),
  plant('secret', `q7${alphanumeric(30)}4`, (s) => `export const apiKey: string = '${s}';`),
  plant('secret', `q7${alphanumeric(30)}4`, (s) => `SESSION_SECRET=${s}`, '.env'),
  plant('secret', hex(40), (s) => `if (token === "${s}") return true;`),
  plant('github', `ghp_${alphanumeric(36)}`, (s) => `git clone https://x@github.com # ${s}`),
  plant(
    'openai',
    `sk-${alphanumeric(20)}T3BlbkFJ${alphanumeric(20)}`,
    (s) => `const openai = new OpenAI("${s}");`,
  ),
  plant('anthropic', `sk-ant-api03-${url64(93)}AA`, (s) => `x = '${s}'`),
  plant('slack', `xoxb-${chars(12, digits)}-${chars(12, digits)}-${alphanumeric(24)}`, (s) => `post("${s}")`),
  plant('stripe', `sk_live_${alphanumeric(24)}`, (s) => `stripe('${s}')`),
  plant('npm', `npm_${alphanumeric(36)}`, (s) => `//registry.npmjs.org/:_authToken=${s}`, '.npmrc'),
  plant('gitlab', `glpat-${url64(20)}`, (s) => `git push https://oauth2@gitlab.com ${s}`),
];
