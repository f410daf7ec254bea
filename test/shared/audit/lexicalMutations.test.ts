import { describe, expect, it } from 'vitest';
import type { Verdict } from '../../../shared/audit/verdict.ts';
import { ControlProject, type Mutation } from '../../support/controlProject.ts';

const desk = new ControlProject('typescript', 'docs/design.md', 'src/**/*.ts');

/** A mutation, and the requirements it touches by their first words with the verdicts they get. */
type Case = [title: string, mutation: Mutation, changed: Record<string, Verdict>, undocumented?: string[]];

const deskCases: Case[] = [
  [
    'the audit trail is deleted',
    {
      remove: ['src/auditTrail.ts'],
      replace: {
        'src/routes/parcels.ts': [
          ["import type { AuditTrail } from '../auditTrail.ts';\n", ''],
          [', trail: AuditTrail', ''],
          [
            "    await trail.record({ actor: request.body.actor, action: 'handover', parcel: parcel.id });\n",
            '',
          ],
        ],
        'src/server.ts': [
          ["import { AuditTrail } from './auditTrail.ts';\n", ''],
          ["const trail = new AuditTrail(async (line) => log('info', line));\n", ''],
          [', trail)', ')'],
        ],
      },
    },
    { 'Every handover is written': 'missing' },
  ],
  [
    'a route is renamed',
    { replace: { 'src/routes/parcels.ts': [["'/:id/handover'", "'/:id/pickup'"]] } },
    { '`POST /parcels/{id}/handover`': 'missing' },
    ['POST /parcels/{}/pickup'],
  ],
  [
    'a field is dropped',
    {
      replace: {
        'src/parcel.ts': [['  shelf: string;\n', '']],
        'src/routes/parcels.ts': [
          [', shelf }', ' }'],
          ['      shelf,\n', ''],
        ],
      },
    },
    { 'A parcel has an id': 'partial' },
  ],
  [
    'heavier parcels are taken',
    { replace: { 'src/parcel.ts': [['MAX_WEIGHT_KG = 30', 'MAX_WEIGHT_KG = 50']] } },
    { 'A parcel heavier than 30 kg': 'contradicted' },
  ],
  [
    'mails are tried more often',
    { replace: { 'src/withBackoff.ts': [['MAX_RETRIES = 4', 'MAX_RETRIES = 9']] } },
    { 'A mail that cannot be delivered': 'contradicted' },
  ],
  [
    'parcels wait longer',
    { replace: { 'src/jobs/returnUnfetched.ts': [['RETURN_AFTER_DAYS = 14', 'RETURN_AFTER_DAYS = 30']] } },
    { 'Parcels that nobody fetches': 'contradicted' },
  ],
  [
    'a setting is no longer read',
    {
      replace: {
        'src/config.ts': [['Number(process.env.REMINDER_INTERVAL_DAYS ?? 3)', '3']],
      },
    },
    { '`REMINDER_INTERVAL_DAYS`': 'missing' },
  ],
  [
    'the mail gateway is fixed',
    { replace: { 'src/config.ts': [["process.env.MAIL_GATEWAY_URL ?? ''", "'https://mail.example.com'"]] } },
    { 'When a parcel arrives': 'missing' },
  ],
  [
    'another port is the default',
    { replace: { 'src/config.ts': [['PORT ?? 8080', 'PORT ?? 3000']] } },
    { '`PORT`': 'contradicted' },
  ],
  [
    'another file is the default',
    { replace: { 'src/config.ts': [["'desk.db'", "'parcels.sqlite'"]] } },
    { '`DATABASE_PATH`': 'contradicted' },
  ],
  [
    'the rate limit is deleted',
    {
      remove: ['src/rateLimit.ts'],
      replace: {
        'src/server.ts': [
          ["import { rateLimit } from './rateLimit.ts';\n", ''],
          ['app.use(rateLimit(Date.now));\n', ''],
        ],
      },
    },
    { 'Requests are limited to 120': 'missing' },
  ],
  [
    'more requests are let through',
    { replace: { 'src/rateLimit.ts': [['REQUESTS_PER_MINUTE = 120', 'REQUESTS_PER_MINUTE = 600']] } },
    { 'Requests are limited to 120': 'contradicted' },
  ],
  [
    'a parcel is returned by another method',
    { replace: { 'src/routes/parcels.ts': [["router.delete('/:id'", "router.put('/:id'"]] } },
    { '`DELETE /parcels/{id}`': 'contradicted' },
  ],
  [
    'the server no longer stops gracefully',
    {
      replace: {
        'src/server.ts': [
          [
            "process.on('SIGTERM', () => {\n  // No further connections are accepted; those that are open end first.\n  server.close(() => store.close());\n});\n",
            '',
          ],
          ['const server = ', ''],
        ],
      },
    },
    { 'On SIGTERM the server stops': 'missing' },
  ],
  [
    'keys are compared with an operator',
    {
      replace: {
        'src/authenticate.ts': [
          ["import { timingSafeEqual } from 'node:crypto';\n", ''],
          ['given.length !== wanted.length || !timingSafeEqual(given, wanted)', '!given.equals(wanted)'],
        ],
      },
    },
    { 'The key is compared with `timingSafeEqual`': 'missing' },
  ],
  [
    'pickup codes are logged',
    {
      replace: {
        'src/notifier.ts': [
          [
            '    await this.#mail(parcel.tenant, `A parcel',
            "    log('info', 'told', { pickup: parcel.code });\n    await this.#mail(parcel.tenant, `A parcel",
          ],
        ],
      },
    },
    { 'Pickup codes must never be logged': 'contradicted' },
  ],
  [
    'larger bodies are taken',
    { replace: { 'src/server.ts': [['64 * 1024', '5 * 1024 * 1024']] } },
    { 'A body above 64 kB': 'contradicted' },
  ],
  [
    'nobody is reminded',
    {
      remove: ['src/jobs/remindTenants.ts'],
      replace: {
        'src/server.ts': [
          ["import { remindTenants } from './jobs/remindTenants.ts';\n", ''],
          ['setInterval(() => void remindTenants(store, notifier, Date.now()), DAY_MS);\n', ''],
        ],
        'src/config.ts': [['  reminderIntervalDays: Number(process.env.REMINDER_INTERVAL_DAYS ?? 3),\n', '']],
        'src/notifier.ts': [
          [
            "  async remind(parcel: Parcel): Promise<void> {\n    await this.#mail(parcel.tenant, 'A parcel is still waiting for you.');\n  }\n",
            '',
          ],
        ],
      },
    },
    { 'A reminder is sent every three days': 'missing', '`REMINDER_INTERVAL_DAYS`': 'missing' },
  ],
  [
    'the table is renamed',
    {
      replace: {
        'src/store/sqliteStore.ts': [
          ['parcels_by_tenant ON parcels', 'items_by_tenant ON items'],
          ['EXISTS parcels', 'EXISTS items'],
          ['INTO parcels', 'INTO items'],
          ['FROM parcels', 'FROM items'],
          ['UPDATE parcels', 'UPDATE items'],
        ],
      },
    },
    { 'The table `parcels`': 'partial' },
  ],
  [
    'a status is renamed',
    {
      replace: {
        'src/parcel.ts': [["'collected'", "'fetched'"]],
        'src/routes/parcels.ts': [["'collected'", "'fetched'"]],
      },
    },
    { 'The status of a parcel': 'partial' },
  ],
  [
    'an endpoint is added',
    {
      replace: {
        'src/routes/parcels.ts': [
          [
            '  return router;\n',
            "  router.get('/:id/label', (_request, response) => response.end());\n\n  return router;\n",
          ],
        ],
      },
    },
    {},
    ['GET /parcels/{}/label'],
  ],
  [
    'a setting is added',
    {
      replace: {
        'src/config.ts': [['  deskKey: ', "  deskName: process.env.DESK_NAME ?? 'desk',\n  deskKey: "]],
      },
    },
    {},
    ['DESK_NAME'],
  ],
];

async function checkCase(project: ControlProject, [, mutation, changed, undocumented = []]: Case) {
  const changes = Object.entries(await project.changes(mutation));
  const expected = Object.entries(changed);
  expect(
    changes.map(([requirement, verdict]) => [
      expected.find(([start]) => requirement.startsWith(start))?.[0] ?? requirement,
      verdict,
    ]),
  ).toEqual(expected);
  const { findings } = await project.audit(mutation);
  expect(findings.map(({ message }) => /`([^`]+)`/.exec(message)?.[1])).toEqual(undocumented);
}

describe('the parcel desk', () => {
  it('is as its design wants it', async () => {
    const { requirements, findings } = await desk.audit();
    expect(requirements.filter(({ verdict }) => verdict !== 'implemented')).toEqual([]);
    expect(requirements.length).toBe(31);
    expect(findings).toEqual([]);
  });

  it.each(deskCases)('changes what it touches when %s', async (...given) => checkCase(desk, given));
});

const workshop = new ControlProject('python', 'docs/design.rst', 'app/**/*.py');

const workshopCases: Case[] = [
  [
    'a route is renamed',
    { replace: { 'app/routers/loans.py': [['/loans/{loan_id}/return', '/loans/{loan_id}/close']] } },
    { 'POST /loans/{loan_id}/return': 'missing' },
    ['POST /loans/{}/close'],
  ],
  [
    'the prefix of a router is another',
    { replace: { 'app/routers/tools.py': [['prefix="/tools"', 'prefix="/items"']] } },
    {
      'GET /tools': 'missing',
      'POST /tools — Add': 'missing',
      'DELETE /tools/{tool_id}': 'missing',
      'POST /tools/{tool_id}/loans': 'missing',
    },
    ['GET /items', 'POST /items', 'DELETE /items/{}', 'POST /items/{}/loans'],
  ],
  [
    'reminders are deleted',
    {
      remove: ['app/reminders.py'],
      replace: { 'app/settings.py': [['    sms_api_url: str\n', '']] },
    },
    {
      'Two days before a loan is due': 'missing',
      'Overdue loans are chased': 'missing',
      'The text messages are put in the queue': 'missing',
      'When the provider fails': 'missing',
    },
  ],
  [
    'a loan has no deposit',
    {
      replace: {
        'app/models.py': [['    deposit: Mapped[Decimal]\n', '']],
        'app/loans.py': [['        deposit=tool.price / 10,\n', '']],
      },
    },
    { 'A loan has a member': 'partial' },
  ],
  [
    'fines are higher',
    { replace: { 'app/fines.py': [['FINE_CENTS_PER_DAY = 75', 'FINE_CENTS_PER_DAY = 150']] } },
    { 'The fine for late return': 'contradicted' },
  ],
  [
    'members may owe more',
    { replace: { 'app/fines.py': [['MAX_OWED = Decimal(20)', 'MAX_OWED = Decimal(60)']] } },
    { 'Members who owe more than 20 euros': 'contradicted' },
  ],
  [
    'pages are larger',
    { replace: { 'app/routers/tools.py': [['PAGE_SIZE = 50', 'PAGE_SIZE = 500']] } },
    { 'The search SHALL give pages': 'contradicted' },
  ],
  [
    'loans last longer by default',
    { replace: { 'app/settings.py': [['loan_days: int = 21', 'loan_days: int = 28']] } },
    { 'A loan lasts 21 days': 'contradicted', '`LOAN_DAYS`': 'contradicted' },
  ],
  [
    'a setting is dropped',
    {
      replace: {
        'app/settings.py': [['    database_url: str\n', '']],
        'app/database.py': [['settings.database_url', '"postgresql+asyncpg://localhost/workshop"']],
      },
    },
    { '`DATABASE_URL`': 'missing' },
  ],
  [
    'phone numbers are stored as they are',
    {
      remove: ['app/crypto.py'],
      replace: {
        'app/models.py': [
          ['from app.crypto import EncryptedText\n', ''],
          [' = mapped_column(EncryptedText)', ''],
        ],
      },
    },
    { 'Phone numbers SHALL be encrypted': 'missing' },
  ],
  [
    'phone numbers are logged',
    {
      replace: {
        'app/reminders.py': [
          [
            '    for attempt in range(MAX_ATTEMPTS):',
            '    print("texting", phone)\n    for attempt in range(MAX_ATTEMPTS):',
          ],
        ],
      },
    },
    { 'Phone numbers MUST NOT be logged': 'contradicted' },
  ],
  [
    'anybody may be warden',
    {
      replace: {
        'app/auth.py': [
          [
            'async def warden(member: Member = Depends(current_member)) -> Member:\n    if member.role != "warden":\n        raise HTTPException(status_code=403, detail="only wardens may do this")\n    return member\n',
            '',
          ],
        ],
        'app/routers/tools.py': [
          [', dependencies=[Depends(warden)]', ''],
          ['import current_member, warden', 'import current_member'],
        ],
      },
    },
    { 'Only members with the role': 'missing' },
  ],
  [
    'there are no metrics',
    {
      replace: {
        'app/main.py': [
          ['# Metrics, in the format of Prometheus.\napp.mount("/metrics", make_asgi_app())\n', ''],
          ['from prometheus_client import make_asgi_app\n', ''],
        ],
      },
    },
    { 'Metrics are exposed': 'missing' },
  ],
  [
    'an endpoint is added',
    {
      replace: {
        'app/main.py': [
          [
            '@app.get("/health")',
            '@app.post("/reload")\nasync def reload():\n    run_migrations()\n\n\n@app.get("/health")',
          ],
        ],
      },
    },
    {},
    ['POST /reload'],
  ],
];

describe('the workshop', () => {
  it('is as its design wants it, but for what source cannot show', async () => {
    const { requirements, findings } = await workshop.audit();
    const others = requirements.filter(({ verdict }) => verdict !== 'implemented');
    expect(others.map(({ requirement, verdict }) => [requirement, verdict])).toEqual([
      ["The workshop's volunteers look at the service once a month.", 'not_assessable'],
    ]);
    expect(requirements.length).toBe(32);
    expect(findings).toEqual([]);
  });

  it.each(workshopCases)('changes what it touches when %s', async (...given) => checkCase(workshop, given));
});
