import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { findSecrets } from '../../../shared/audit/secrets/findSecrets.ts';
import { redactPaths, redactSecrets } from '../../../shared/audit/secrets/redactSecrets.ts';
import { ScanMemory } from '../../../shared/audit/secrets/scanMemory.ts';
import { Turns } from '../../../shared/audit/turns.ts';
import { base64, chars, hex, planted } from '../../support/secrets.ts';

const redact = async (text: string, path = 'src/a.ts') => {
  const { files, findings } = await redactSecrets([{ path, text }], new Turns());
  return { text: files[0]?.text ?? '', findings };
};

describe('a secret', () => {
  it.each(planted.map(({ rule, line, secret, path }) => [rule, line, secret, path] as const))(
    '%s is redacted in its place: %s',
    async (rule, line, secret, path = 'src/a.ts') => {
      const around = (middle: string) => `first line\n${middle}\nlast line\n`;
      const { text, findings } = await redact(around(line), path);
      expect(text).toBe(around(line.replace(secret, `[REDACTED:${rule}]`)));
      expect(findings).toMatchObject([{ kind: 'secret', rule, severity: 'high', file: path, line: 2 }]);
      expect(JSON.stringify(findings)).not.toContain(secret);
    },
  );

  it.each(planted.map(({ rule, line, secret, path }) => [rule, line, secret, path] as const))(
    '%s cannot be kept by a comment of the source',
    async (_, line, secret, path = 'src/a.ts') => {
      const switchedOff = [
        '/* secretlint-disable */ // nosec gitleaks:allow pragma: allowlist secret NOSONAR',
        '// secretlint-disable-next-line',
        `${line}`,
      ].join('\n');
      expect((await redact(switchedOff, path)).text).not.toContain(secret);
    },
  );

  it('of several lines keeps them', async () => {
    const body = Array.from({ length: 5 }, () => base64(64)).join('\n');
    const text = `const key = \`-----BEGIN RSA PRIVATE KEY-----\n${body}\n-----END RSA PRIVATE KEY-----\n\`;\nnext();\n`;
    const redacted = await redact(text);
    expect(redacted.text).toBe(
      `const key = \`-----BEGIN RSA PRIVATE KEY-----[REDACTED:private-key]${'\n'.repeat(6)}-----END RSA PRIVATE KEY-----\n\`;\nnext();\n`,
    );
    expect(redacted.findings).toMatchObject([{ rule: 'private-key', line: 1 }]);
  });

  it('on one line, escaped, and without its end, is a private key too', async () => {
    const body = [base64(64), base64(64), base64(10)];
    const json = `{"private_key": "-----BEGIN PRIVATE KEY-----\\n${body.join('\\n')}\\n-----END PRIVATE KEY-----\\n"}`;
    const open = `-----BEGIN PRIVATE KEY-----\n${body.slice(0, 2).join('\n')}\nconst after = 1;`;
    for (const text of [json, open]) {
      const redacted = (await redact(text)).text;
      for (const line of body.slice(0, 2)) expect(redacted).not.toContain(line);
    }
    expect((await redact(open)).text).toContain('const after = 1;');
  });

  it('is told again under the same fingerprint wherever its line has moved, and each of two apart', async () => {
    const line = `const k = "AccountKey=${base64(86)}==";`;
    const [once, moved] = [await redact(`${line}\n`), await redact(`\n\n${line}\n${line}\n`)];
    expect(moved.findings[0]?.fingerprint).toBe(once.findings[0]?.fingerprint);
    expect(moved.findings[1]?.fingerprint).not.toBe(once.findings[0]?.fingerprint);
    expect(moved.findings.map((finding) => finding.line)).toEqual([3, 4]);
    const other = await redact(`const k = "AccountKey=${base64(86)}==";\n`);
    expect(other.findings[0]?.fingerprint).toBe(once.findings[0]?.fingerprint);
  });

  it('in the name of a file is redacted, and names stay apart', async () => {
    const [a, b] = [`AKIA${chars(16, 'ABCDEFGHJKMNPQRSTUVW')}`, `AKIA${chars(16, 'ABCDEFGHJKMNPQRSTUVW')}`];
    expect(await redactPaths([`keys/${a}`, 'src/a.ts', `keys/${b}`], new Turns())).toEqual([
      'keys/[REDACTED:aws-access-key-id]',
      'src/a.ts',
      'keys/[REDACTED:aws-access-key-id]~2',
    ]);
  });
});

describe('the secrets of a tree', () => {
  const aws = `AKIA${chars(16, 'ABCDEFGHJKMNPQRSTUVW')}`;

  it('are told by the names that files have without theirs, each file apart', async () => {
    const line = `const k = "AccountKey=${base64(86)}==";\n`;
    const { files, findings } = await redactSecrets(
      [
        { path: `keys/${aws}/a.ts`, text: line },
        { path: `keys/${aws}/b.ts`, text: 'none here' },
      ],
      new Turns(),
    );
    const [a, b] = ['keys/[REDACTED:aws-access-key-id]/a.ts', 'keys/[REDACTED:aws-access-key-id]/b.ts'];
    expect(files.map(({ path }) => path)).toEqual([a, b]);
    expect(findings.map(({ file }) => file)).toEqual([a]);
    const twice = await redactSecrets(
      ['a.ts', 'b.ts'].map((path) => ({ path, text: line })),
      new Turns(),
    );
    expect(new Set(twice.findings.map(({ fingerprint }) => fingerprint)).size).toBe(2);
  });

  it('are bare values in settings alone, whichever of two equal files is read first', async () => {
    for (const order of [
      ['.env', 'a.ts'],
      ['a.ts', '.env'],
    ]) {
      const text = `DB_PASSWORD=${chars(20, 'abcdefghkmnpqrstuvw23456789')}7x\n`;
      const { findings } = await redactSecrets(
        order.map((path) => ({ path, text })),
        new Turns(),
      );
      expect(findings.map(({ file }) => file)).toEqual(['.env']);
    }
  });

  it('stand on their own lines also where others before them were laid open later', async () => {
    const openai = planted.find(({ secret }) => secret.startsWith('sk-'))?.secret ?? '';
    const lines = [`k = "AccountKey=${base64(86)}=="`, ...Array(30).fill('x'), `"${aws}${openai}"`];
    const { text, findings } = await redact(lines.join('\n'));
    expect(text).not.toContain(aws);
    expect(findings.map(({ line }) => line)).toEqual([1, 32, 32]);
  });
});

describe('no secret', () => {
  it.each([
    'const password = process.env.DB_PASSWORD;',
    'password: "<your-password>"',
    "password: 'changeme'",
    `password = "\${DB_PASSWORD}"`,
    'password: {{ .Values.password }}',
    'PASSWORD=$1',
    'token=$(az account get-access-token --query accessToken)',
    "const tokenUrl = 'https://login.example.org/oauth2/v2.0/token';",
    "const passwordHash = 'sha256-of-the-password-v2';",
    "headers: { 'x-api-key': apiKey, secretName: 'db-password-v2' }",
    'apiKey: "YOUR_API_KEY_1234567890abc"',
    'api_key = "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"',
    'https://user:password@host.internal/path',
    'http://abc:xyz123@example.com/',
    'redis://username:authpassword@127.0.0.1:6380/4',
    'postgres://postgres:postgres@localhost:5432/app',
    `redis://:\${REDIS_PASSWORD}@cache:6379`,
    'AccountName=devstoreaccount1;AccountKey=Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6IFsuFq2UVErCz4I6tq/K1SZFPTOtr/KBHBeksoGMGw==;',
    `//registry.npmjs.org/:_authToken=\${NPM_TOKEN}`,
    "if (!text.startsWith('-----BEGIN PRIVATE KEY-----')) throw new Error();",
    'connect(user, password=password, host=host)',
    'this.name = name;password=other;',
    '"integrity": "sha512-Yg1jbHUcCLNGZ5dIpCxbAeEfSzfZzwTK1UHuH3eX2xzHzWmiLdsTv8DzYJmP1VXq2sbi+Ks9cTLFjQhKjMN3vw=="',
    'const commit = "9fceb02d0ae598e95dc970b74767f19372d61af8";',
    'id: "3f2504e0-4f89-11d3-9a0c-0305e82c3301"',
    "const TOKEN_STRINGS = '[A-Za-z0-9._~+/-]+=*';",
    'AWS_ACCESS_KEY_ID=AKIAIOSFODNN7EXAMPLE',
    "expect(screen.getByLabelText('Password')).toHaveValue('secret');",
    '<password>secret</password>',
    "ALTER USER app PASSWORD 'changeme'",
    "t('password', 'Passwort')",
    'https://example.org/search?token=next&key=name',
    "GATEHOUSE_TOKEN_ENCODINGS: 'gpt-4o=cl100k_base',",
    'the token, from client credentials (`OAuth2AuthenticationPlan`)',
    "const password = 'pass(?:word|wd|phrase|code)|pwd';",
    'passwordFile: "/run/secrets/db_password1"',
    'password: !Ref DbPassword1',
    'password: "@Microsoft.KeyVault(SecretUri=https://shop.vault.azure.net/secrets/db1/)"',
    'function setPassword(password: string, confirm = "") {}',
    'The password must have at least 12 characters and 1 digit.',
  ])('is in %s', async (line) => {
    for (const path of ['src/a.ts', '.env', 'docs/hld.md']) {
      const { text, findings } = await redact(`${line}\n`, path);
      expect([text, findings]).toEqual([`${line}\n`, []]);
    }
  });
});

describe('redaction', () => {
  const pieces = fc.oneof(
    fc.constantFrom(...planted.map(({ line }) => line)),
    fc.constantFrom(...planted.map(({ secret }) => secret)),
    fc.constantFrom('\n', ' ', '"', "'", '=', ';', ':', '@', '-----BEGIN PRIVATE KEY-----', `\n${hex(70)}\n`),
    fc.string({ maxLength: 12 }),
  );
  const texts = fc.array(pieces, { maxLength: 12 }).map((parts) => parts.join(''));

  it('keeps the number of lines, and what is redacted stays as it is', async () => {
    await fc.assert(
      fc.asyncProperty(texts, fc.constantFrom('a.ts', '.env', 'a.md'), async (text, path) => {
        const once = (await redact(text, path)).text;
        expect(once.split('\n')).toHaveLength(text.split('\n').length);
        expect((await redact(once, path)).text).toBe(once);
      }),
      { numRuns: 400 },
    );
  });

  it('changes nothing on lines without a secret', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom(...planted),
        fc.array(fc.stringMatching(/^[a-z .(){}]{0,40}$/), { maxLength: 6 }),
        async ({ line, path }, lines) => {
          const redacted = (await redact([...lines, line, ...lines].join('\n'), path)).text.split('\n');
          expect([redacted.slice(0, lines.length), redacted.slice(lines.length + 1)]).toEqual([lines, lines]);
        },
      ),
      { numRuns: 200 },
    );
  });

  it('finds what stands far into a long line, and across the cuts of a long text', async () => {
    const secret = `ghp_${chars(36, 'abcdefghijkmnpqrstuvwxyz0123456789')}`;
    const key = `${base64(86)}==`;
    for (const at of [250_000, 262_100, 262_140, 262_144, 700_000]) {
      const text = `${'x '.repeat(at / 2)}"${secret}" AccountKey=${key};${' y'.repeat(at / 2)}`;
      const redacted = (await redact(text)).text;
      expect(redacted).toContain('"[REDACTED:github]" AccountKey=[REDACTED:azure-account-key];');
    }
  });

  it('tells of a flood of secrets how many more there are', async () => {
    const line = `k = "AKIA${chars(16, 'ABCDEFGHJKMNPQRSTUVW')}"`;
    const { text, findings } = await redact(Array.from({ length: 700 }, () => line).join('\n'));
    expect(text).not.toContain('AKIA');
    expect(findings).toHaveLength(500);
    expect(findings.at(-1)?.message).toContain('200 more');
  });

  it.each([['ghs_1_aaaa.'], ['password = "'], ['://aaaa:'], ['eyJ'], ['secret']])(
    'gives others their turn however often %j stands there',
    async (piece) => {
      class CountedTurns extends Turns {
        given = 0;
        override giveWay(): Promise<void> {
          this.given++;
          return super.giveWay();
        }
      }
      const turns = new CountedTurns();
      await redactSecrets([{ path: '.env', text: piece.repeat(1_200_000 / piece.length) }], turns);
      expect(turns.given).toBeGreaterThanOrEqual(5);
    },
  );
});

describe('what was scanned', () => {
  it('is remembered up to a number of texts, the latest longest', () => {
    const memory = new ScanMemory();
    for (let i = 0; i < 50_000; i++) memory.put(`k${i}`, []);
    memory.get('k0');
    memory.put('new', []);
    expect([memory.get('k0'), memory.get('k1'), memory.get('new')]).toEqual([[], undefined, []]);
    const hits = Array.from({ length: 60_000 }, (_, i) => ({ rule: 'r', what: 'w', start: i, end: i + 1 }));
    memory.put('many', [hits]);
    memory.put('more', [hits]);
    expect([memory.get('many'), memory.get('more')]).toEqual([undefined, [hits]]);
  });

  it('is found in the order of its places', async () => {
    const text = planted.map(({ line }) => line).join('\n');
    const places = (await findSecrets('.env', text, new Turns())).map(({ start }) => start);
    expect(places).toEqual(places.toSorted((a, b) => a - b));
    expect(places.length).toBeGreaterThanOrEqual(planted.length - 5);
  });
});
