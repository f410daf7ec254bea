import type { AuditInput } from '../../shared/audit/sourceTree.ts';
import type { AuditConfig } from '../../shared/config/audit.ts';
import { readSettings } from '../../shared/settings.ts';

export function auditSettings(env: Record<string, string> = {}): AuditConfig {
  const { audit } = readSettings(env);
  if (!audit.ok) throw new Error(JSON.stringify(audit.problems));
  return audit.value;
}

export const design = `# Shop

- The shop must hash every password with \`scrypt\`.
- Orders above 1000 dollars need a second approval.
- The invoice exporter writes \`INVOICE_BUCKET\`.
`;

export const input: AuditInput = {
  files: [
    {
      path: 'src/orders.ts',
      text: '// Orders above 1000 dollars need a second approval\nexport const approvalLimit = 1000;\n',
    },
    {
      path: 'src/users.ts',
      text: "import { scrypt } from 'node:crypto';\nexport function hashPassword(password: string) {\n  return scrypt(password);\n}\n",
    },
  ],
  design: { path: 'docs/hld.md', text: design },
  question: undefined,
  skipped: [],
  unselected: {},
};
