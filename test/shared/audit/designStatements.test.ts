import { describe, expect, it } from 'vitest';
import { claimsOf } from '../../../shared/audit/design/claims.ts';
import { quantitiesOf } from '../../../shared/audit/design/quantities.ts';
import { sentencesOf } from '../../../shared/audit/design/sentences.ts';
import { extractStatements, readStatements } from '../../../shared/audit/design/statements.ts';

const told = (text: string, path = 'design.md') =>
  extractStatements([{ path, text }]).map(({ requirement }) => requirement);

describe('extractStatements', () => {
  const markdown = `---
title: x
---
# Design

## 1. Purpose
We must explain this first. It reads \`CONFIG_FILE\`.

## 2. Rules
Prose that obliges nobody. The gate must close. It is green.

- Every visitor signs the book
  on paper. The book is kept for two years.
- Short
- Steps:

| Path | Meaning |
| --- | --- |
| \`GET /a\` | Reads a |

\`\`\`ts
// - this must not count
\`\`\`

1. The \`door\` is locked.
`;

  it('takes list items, table rows and sentences that oblige, with their lines', () => {
    const found = extractStatements([{ path: 'd.md', text: markdown }]);
    expect(found.map(({ id, design_line, requirement }) => [id, design_line, requirement])).toEqual([
      ['R1', 7, 'It reads `CONFIG_FILE`.'],
      ['R2', 10, 'The gate must close.'],
      ['R3', 12, 'Every visitor signs the book on paper.'],
      ['R4', 13, 'The book is kept for two years.'],
      ['R5', 19, '`GET /a` — Reads a'],
      ['R6', 25, 'The `door` is locked.'],
    ]);
  });

  it('knows the headings above a statement and goes on counting in the next file', () => {
    const designs = [
      { path: 'a.md', text: '# A\n## B\n### C\n## D\n- it must be here' },
      { path: 'b.md', text: '# E\n- it must be there' },
    ];
    expect(
      extractStatements(designs).map(({ id, section, design_file }) => [id, section, design_file]),
    ).toEqual([
      ['R1', ['A', 'D'], 'a.md'],
      ['R2', ['E'], 'b.md'],
    ]);
  });

  it('takes nothing from non-goals, alternatives and references', () => {
    const text =
      '# A\n## Out of scope\n- Payments must be made.\n## 4.2 Non-goals\n- No `queue`.\n## Alternatives\nIt must be Go.';
    expect(told(text)).toEqual([]);
  });

  it('gives short items the line that introduces them', () => {
    expect(told('# A\n## B\nThe API must support:\n\n- creating orders\n- cancelling orders\n')).toEqual([
      'The API must support: creating orders',
      'The API must support: cancelling orders',
    ]);
  });

  it('knows how binding a statement is and what it forbids', () => {
    const text =
      '# A\n## B\n- It should be fast enough.\n- It may be blue or green.\n- A user may hold no more than three.\n- It must never be red.';
    expect(
      readStatements([{ path: 'd', text }]).map(({ obligation, prohibits }) => [obligation, prohibits]),
    ).toEqual([
      ['should', false],
      ['may', false],
      ['must', false],
      ['must', true],
    ]);
  });

  it('takes headings that name a route', () => {
    expect(told('# API\n## POST /orders\nCreates an order for the customer.\n')).toEqual([
      'POST /orders',
      'Creates an order for the customer.',
    ]);
  });

  it('reads reStructuredText', () => {
    const text =
      '=====\nTitle\n=====\n\nRules\n=====\n\nThe ``gate`` must close.\n\n=======  ========\nPath     Meaning\n=======  ========\nGET /a   Reads all of a\n=======  ========\n';
    expect(told(text, 'design.rst')).toEqual(['The `gate` must close.', 'GET /a — Reads all of a']);
  });

  it('reads AsciiDoc, cells on lines of their own', () => {
    const text =
      '= Title\n\n== Rules\n* The gate must close.\n** It must open again.\n\n|===\n|Path |Method\n\n|/ready\n|GET\n|===\n\n----\nit must not count\n----\n';
    expect(told(text, 'design.adoc')).toEqual([
      'The gate must close.',
      'It must open again.',
      '/ready — GET',
    ]);
  });

  it('reads plain text', () => {
    const text =
      'GATE DESIGN\n\n1. Rules\n\nThe gate must close.\n\n  - the bell must ring\n\n2. Out of scope\n\nIt must not fly.\n';
    expect(told(text, 'design.txt')).toEqual(['The gate must close.', 'the bell must ring']);
  });

  it('finds none where none is', () => {
    expect(told('# Title\n\nSome words.\n')).toEqual([]);
  });
});

describe('sentencesOf', () => {
  it('does not end at abbreviations, versions, numbers and within code marks', () => {
    const text = 'Use e.g. Postgres 9.6 or `A. B` here. See Fig. 3 for more. Done!';
    expect(sentencesOf(text).map((sentence) => sentence.text)).toEqual([
      'Use e.g. Postgres 9.6 or `A. B` here.',
      'See Fig. 3 for more.',
      'Done!',
    ]);
  });
});

describe('quantitiesOf', () => {
  it.each([
    ['after 30 seconds', 'time', 30],
    ['at most 1,000 ms', 'time', 1],
    ['within two hours', 'time', 7_200],
    ['up to 5 MB', 'size', 5_000_000],
    ['a discount of 10 %', 'percent', 10],
    ['answered with status 404', 'status', 404],
    ['above $250', 'money', 250],
    ['at most three times', 'count', 3],
    ['flushed once a minute', 'time', 60],
  ])('reads %s', (text, unit, base) => {
    expect(quantitiesOf(text).filter(({ firm }) => firm)).toMatchObject([{ unit, base }]);
  });

  it.each(['as RFC 9110 says', 'see section 12', 'with SHA-256', 'in version 2', 'HTTP/1.1'])(
    'takes no reference for a quantity: %s',
    (text) => expect(quantitiesOf(text).filter(({ firm }) => firm)).toEqual([]),
  );
});

describe('claimsOf', () => {
  const claims = (text: string) => {
    const [statement] = readStatements([{ path: 'd', text: `# D\n## E\n- ${text}\n` }]);
    if (!statement) throw new Error(text);
    return claimsOf(statement);
  };

  it('gives each method before a path a route', () => {
    expect(claims('`GET`, `PUT` and `DELETE /a/{id}` and `POST /b` are there.').routes).toEqual([
      { method: 'GET', path: '/a/{id}' },
      { method: 'PUT', path: '/a/{id}' },
      { method: 'DELETE', path: '/a/{id}' },
      { method: 'POST', path: '/b' },
    ]);
  });

  it('tells settings, files, identifiers and values apart', () => {
    expect(claims('`MAX_SIZE`, `src/a.ts`, `sendMail()` and `true` matter.').names).toEqual([
      { text: 'MAX_SIZE', kind: 'setting', firm: true },
      { text: 'src/a.ts', kind: 'file', firm: true },
      { text: 'sendMail', kind: 'identifier', firm: true },
      { text: 'true', kind: 'value', firm: false },
    ]);
  });

  it('reads defaults and lists', () => {
    expect(claims('`PORT` defaults to 8080.').values).toEqual([{ name: 'PORT', value: '8080' }]);
    expect(claims('An order has an id, a customer and a total.').list).toEqual({
      subject: 'An order ',
      items: ['id', 'customer', 'total'],
    });
  });
});
