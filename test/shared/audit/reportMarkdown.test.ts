import fc from 'fast-check';
import MarkdownIt from 'markdown-it';
import { describe, expect, it } from 'vitest';
import { commentMarker, toComment } from '../../../shared/audit/report/comment.ts';
import { toMarkdown } from '../../../shared/audit/report/markdown.ts';
import { toTokenMarkdown } from '../../../shared/audit/report/tokenMarkdown.ts';
import { buildTokenReport } from '../../../shared/audit/report/tokenReport.ts';
import { hugeResult, judged, resultOf, sampleResult, tokenReport } from '../../support/auditResults.ts';
import { hostileResult, hostileText } from '../../support/hostileTexts.ts';
import { elementsOf } from '../../support/html.ts';

const usage = {
  calls: 1,
  input_tokens: 12_000,
  output_tokens: 345,
  cached_input_tokens: 1_024,
  written_input_tokens: 0,
  total_tokens: 12_345,
  remembered_steps: 0,
  cost: { billed: 123_400, uncached: 150_000, as_json: 190_000 },
};

/** As GitHub renders it: tables, and the HTML that is in it. */
const rendered = (markdown: string) => new MarkdownIt({ html: true, linkify: true }).render(markdown);

const small = (facts: Parameters<typeof tokenReport>[0] = {}, changes: Parameters<typeof resultOf>[1] = {}) =>
  resultOf(
    [
      judged({
        requirement: 'It must | hold *firmly*',
        evidence: [{ file: 'a.ts', line: 3, end_line: 3, quote: 'a || `b`' }],
      }),
    ],
    {
      tokenReport: tokenReport({ fileCount: 2, tokens: { json: 2_000, packed: 1_500 }, usage, ...facts }),
      summary: 'Fine <b>.',
      ...changes,
    },
  );

const leftOut = {
  designs: [{ path: 'docs/hld.md', text: '' }],
  question: undefined,
  skipped: [{ path: 'x.ts', reason: 'binary' }],
  unselected: { '.tsx': 1_200 },
  secrets: [],
};

describe('toMarkdown', () => {
  it('has every row, status and impact', () => {
    const report = toMarkdown(small({}, { input: leftOut }));
    for (const line of [
      '**Date:** 2026-11-21T09:30:00.000Z',
      '**Files Analyzed:** 2',
      '| **Baseline (JSON Input)** | 2,000 |',
      '| **Optimized (TOON Input)** | 1,500 |',
      '| **Actual Input** | 12,000 |',
      '| **Tokens Saved** | **500** |',
      '| **Reduction Rate** | **25.00%** |',
      '| **Status** | MISS (API Called) |',
      '| **Gross Tokens (Work Done)** | 12,345 |',
      '| **Net Tokens Billed** | **12,345** |',
      '| **Azure Cached Tokens** | **1,024** |',
      '| **Status** | Active (Tokens Read from Cache) |',
      '| **Impact** | Reduced latency and input cost. |',
      '| **Billed** | **$0.1234** |',
      '- `x.ts`: binary',
      '- No source by the settings: 1,200 `.tsx`',
    ]) {
      expect(report).toContain(line);
    }
  });

  it('says what a cache hit, a cold prompt cache and no model mean', () => {
    const hit = toMarkdown(small({ usage: { ...usage, cached_input_tokens: 0 }, cacheHit: true }));
    expect(hit).toContain('| **Status** | HIT (Free) |');
    expect(hit).toContain('| **Net Tokens Billed** | **0** |');
    expect(hit).toContain('Inactive (First Request or Not Supported)');
    expect(hit).toContain('Full processing required.');
    const lexical = toMarkdown(
      small({ usage: null }, { engine: { name: 'lexical', model: null, note: 'n' } }),
    );
    expect(lexical).toContain('MISS (no model called)');
    expect(lexical).toContain('Not used (no model called)');
    expect(lexical).toContain('counted, as no model was called');
    expect(lexical).toContain('nothing was paid for');
    expect(lexical).not.toContain('Actual Input');
  });

  it('says that a price is not known, never that it is nothing', () => {
    expect(toMarkdown(small({ usage: { ...usage, cost: null } }))).toContain(
      '| **Billed** | **unknown price** |',
    );
  });

  it('tells gate, findings and what has changed', () => {
    const report = toMarkdown(sampleResult());
    for (const text of [
      '**Gate: FAILED** (fails on `high:1,medium:5,secrets`; open gaps: 4 high, 4 medium, 3 low)',
      '- 1 secret, where none is let through.',
      '| secret | high |',
      '### Against the baseline',
      '- **stale** missing: Exports are written as fixed-width text',
      '### Against the last run',
      '- **fixed** missing: Every password is hashed',
      'Accepted: The old importer does it',
    ]) {
      expect(report).toContain(text);
    }
  });

  it('leaves out what there is none of', () => {
    expect(toMarkdown(small())).not.toMatch(/Files left out|Findings|Against/);
  });

  it('lets no text from outside become markup', () => {
    const report = toMarkdown(small({}, { input: { ...leftOut, question: 'a\n# b <script>' } }));
    expect(report).toContain('It must \\| hold \\*firmly\\*');
    expect(report).toContain('Fine \\<b\\>.');
    expect(report).toContain('**Question:** a \\# b \\<script\\>');
    expect(report).toContain('`` a \\|\\| `b` ``');
  });

  it.each([
    ['```<img src=x onerror=alert(1)>` do `foo` things', '<img src=x onerror=alert(1)>'],
    ['```[click](http://evil.example)` x', '[click](http://evil.example)'],
    ['`<b>` is code', '<b>'],
    ['1. a list', '1. a list'],
    ['- another', '- another'],
    ['&lt;b&gt; stays', '&lt;b&gt; stays'],
  ])('shows %s as it is', (question, shown) => {
    const { text, names } = elementsOf(rendered(toMarkdown(small({}, { input: { ...leftOut, question } }))));
    expect(text).toContain(shown);
    expect(names).not.toContain('a');
    expect(names).not.toContain('img');
    expect(names).not.toContain('ol');
  });

  it('mentions nobody, refers to no issue and makes no links', () => {
    const input = {
      ...leftOut,
      question: 'ask @octocat about #12 at https://evil.example or www.evil.example',
    };
    const shown = rendered(toMarkdown(small({}, { input })));
    expect(shown).not.toMatch(/@octocat|#12|<a /);
  });

  const ours = [
    'table',
    'thead',
    'tbody',
    'tr',
    'th',
    'td',
    'h1',
    'h2',
    'h3',
    'p',
    'ul',
    'li',
    'strong',
    'code',
  ];

  it('has no element but its own, and every row all its cells, whatever the texts', () => {
    const allowed = new Set([...ours, 'blockquote', 'hr', 'br', 'html', 'head', 'body']);
    fc.assert(
      fc.property(hostileText, (text) => {
        const { names, rows } = elementsOf(rendered(toMarkdown(hostileResult(text))));
        expect(names.filter((name) => !allowed.has(name))).toEqual([]);
        expect(rows.filter(({ table, cells }) => table === 0 && cells !== 5)).toEqual([]);
        expect(rows.filter(({ table }) => table === 0)).toHaveLength(4);
      }),
      { numRuns: 150 },
    );
  });
});

describe('toTokenMarkdown', () => {
  it('is a document of its own', () => {
    const report = toTokenMarkdown(small());
    expect(report).toMatch(/^# Token Usage & Optimization Report\n\n- \*\*Date:\*\* 2026-/);
    expect(report).toContain('- **Files Analyzed:** 2');
    expect(report).not.toContain('Requirement');
  });
});

describe('toComment', () => {
  it('is short, worst first, folded', () => {
    const comment = toComment(sampleResult());
    expect(comment.split('\n')[0]).toBe(commentMarker('bookings'));
    expect(comment).toContain('## ❌ Design audit of bookings: failed');
    expect(comment).toContain('Against the last run: 10 new, 2 fixed, 5 unchanged, 0 stale.');
    const order = ['R7 “', 'R9 “', 'R13 “', 'R26 “', 'R23 “'].map((id) => comment.indexOf(id));
    expect(order).toEqual(order.toSorted((a, b) => a - b));
    expect(order[0]).toBeGreaterThan(0);
    expect(comment).toContain('<summary><b>Gaps that nobody confirmed</b> (2)</summary>');
    expect(comment).toContain('<summary><b>Accepted gaps</b> (2)</summary>');
  });

  it('fits on GitHub whatever its size, and says what is missing', () => {
    const comment = toComment(hugeResult());
    expect(comment.length).toBeLessThan(65_536);
    expect(comment).toMatch(/\d more are in the whole report\./);
    expect(comment.match(/<details/g)).toHaveLength(comment.match(/<\/details>/g)?.length ?? 0);
  });

  it('has no element but its own, whatever the texts, and its marker once', () => {
    const allowed = [
      'html',
      'head',
      'body',
      'h2',
      'p',
      'ul',
      'li',
      'strong',
      'code',
      'br',
      'details',
      'summary',
      'b',
      'sub',
    ];
    fc.assert(
      fc.property(hostileText, (text) => {
        const comment = toComment(hostileResult(text));
        const { names, comments } = elementsOf(rendered(comment));
        expect(names.filter((name) => !allowed.includes(name))).toEqual([]);
        expect(comments).toHaveLength(1);
        expect(comment.length).toBeLessThan(65_536);
      }),
      { numRuns: 150 },
    );
  });
});

describe('buildTokenReport', () => {
  it('survives an input of nothing', () => {
    const tokens = { json: 0, packed: 0 };
    expect(
      buildTokenReport({ fileCount: 0, encoding: 'o200k_base', tokens, usage: null, cacheHit: false })
        .reduction_rate,
    ).toBe(0);
  });
});
