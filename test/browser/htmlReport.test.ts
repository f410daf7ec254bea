import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import axe from 'axe-core';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { toHtml } from '../../shared/audit/report/html/page.ts';
import { hugeResult, judged, resultOf, sampleResult } from '../support/auditResults.ts';
import { openFile, screenshotFolder, startBrowser, takePicture } from '../support/browser.ts';
import { hostileResult } from '../support/hostileTexts.ts';

const browser = await startBrowser();

it('a browser can be started', (context) => {
  if (typeof browser !== 'string') return expect(browser.version()).toMatch(/^\d+\./);
  process.stderr.write(`${browser}. The tests of the HTML report in a browser are skipped.\n`);
  context.skip(browser);
});

describe.skipIf(typeof browser === 'string')('the HTML report in a browser', () => {
  const folder = mkdtempSync(join(tmpdir(), 'gatehouse-report-'));
  const pathOf = (name: string) => join(folder, `${name}.html`);

  beforeAll(() => {
    const attack = `"><script>document.title='owned'</script><img src=http://127.0.0.1:9/x onerror="document.title='owned'">`;
    const results = {
      sample: sampleResult(),
      huge: hugeResult(),
      passed: resultOf([judged({ requirement: 'All is well.' })]),
      hostile: hostileResult(`${attack}${'x'.repeat(400)}`),
    };
    for (const [name, result] of Object.entries(results)) writeFileSync(pathOf(name), toHtml(result));
  });

  afterAll(async () => {
    rmSync(folder, { recursive: true, force: true });
    if (typeof browser !== 'string') await browser.close();
  });

  async function open(name: string, options: Parameters<typeof openFile>[2] = {}) {
    if (typeof browser === 'string') throw new Error(browser);
    return openFile(browser, pathOf(name), options);
  }

  const shown = (page: Page) => page.locator('.reqs > li:visible').count();

  it.each([
    ['sample', 1280, false],
    ['sample', 1280, true],
    ['sample', 390, false],
    ['sample', 390, true],
    ['passed', 390, false],
    ['hostile', 390, false],
    ['hostile', 1280, true],
    ['huge', 390, true],
    ['huge', 1280, false],
  ])('%s fits %i pixels (dark: %s), asks for nothing and complains of nothing', async (name, width, dark) => {
    const { page, complaints, requests } = await open(name, { width, dark });
    expect(await page.locator('.gate h2').textContent()).toMatch(/^(PASSED|FAILED)$/);
    expect(await page.locator('.gate').isVisible()).toBe(true);
    expect(await page.evaluate<number>('document.documentElement.scrollWidth')).toBeLessThanOrEqual(width);
    await takePicture(page, `${name}-${width}-${dark ? 'dark' : 'light'}`, name !== 'huge');
    expect(await page.title()).not.toBe('owned');
    expect(complaints).toEqual([]);
    expect(requests).toEqual([]);
    await page.context().close();
  });

  it('does not move under the reader while it opens', async () => {
    const { page } = await open('sample');
    const shift = await page.evaluate<number>(`new Promise((resolve) => {
      let sum = 0;
      new PerformanceObserver((list) => {
        for (const { value } of list.getEntries()) sum += value;
      }).observe({ type: 'layout-shift', buffered: true });
      setTimeout(() => resolve(sum), 300);
    })`);
    expect(shift).toBe(0);
    await page.context().close();
  });

  it('filters by verdict, severity and standing, and searches', async () => {
    const { page } = await open('sample');
    const press = (value: string) => page.locator(`.tools button[data-value="${value}"]`).click();
    expect(await shown(page)).toBe(40);
    await press('contradicted');
    expect(await shown(page)).toBe(2);
    await press('missing');
    expect(await shown(page)).toBe(9);
    await press('high');
    expect(await shown(page)).toBe(5);
    await press('open');
    expect(await shown(page)).toBe(4);
    expect(await page.locator('#shown').textContent()).toBe('4 of 40 shown');
    expect(await page.locator('.tools button[data-value="high"]').getAttribute('aria-pressed')).toBe('true');
    await page.locator('#search').fill('approvals.request');
    expect(await shown(page)).toBe(1);
    await page.locator('#search').fill('no such words');
    expect(await shown(page)).toBe(0);
    expect(await page.locator('.none').isVisible()).toBe(true);
    await page.locator('#reset').click();
    expect(await shown(page)).toBe(40);
    await page.context().close();
  });

  it('is used by keys alone, and shows where one is', async () => {
    const { page } = await open('sample');
    const focused = () =>
      page.evaluate<string>(`document.activeElement.closest('li').querySelector('.id').textContent`);
    await page.keyboard.press('/');
    await page.keyboard.type('audit trail');
    expect(await shown(page)).toBe(1);
    await page.keyboard.press('Enter');
    expect(await focused()).toBe('R9');
    await page.keyboard.press('Escape');
    expect(await shown(page)).toBe(40);
    await page.keyboard.press('j');
    expect(await focused()).toBe('R13');
    await page.keyboard.press('ArrowUp');
    await page.keyboard.press('k');
    expect(await focused()).toBe('R7');
    const isOpen = () => page.evaluate<boolean>('document.activeElement.parentElement.open');
    expect(await isOpen()).toBe(true);
    await page.keyboard.press('Enter');
    expect(await isOpen()).toBe(false);
    const outline = await page.evaluate<string>('getComputedStyle(document.activeElement).outline');
    expect(outline).toContain('solid 3px');
    await page.context().close();
  });

  it('never hides where one is behind the filters', async () => {
    const { page } = await open('sample');
    const distance = () =>
      page.evaluate<number>(`document.activeElement.getBoundingClientRect().top -
        document.querySelector('.tools').getBoundingClientRect().bottom`);
    const steps = [...Array.from({ length: 20 }, () => 'j'), ...Array.from({ length: 18 }, () => 'k')];
    for (const step of steps) {
      await page.keyboard.press(step);
      expect(await distance()).toBeGreaterThanOrEqual(0);
    }
    await page.context().close();
  });

  it('opens the requirement that a link names', async () => {
    const { page } = await open('sample');
    const link = page.locator('#changes a').first();
    const target = await link.getAttribute('href');
    await link.click();
    await page.waitForFunction('document.querySelector(location.hash || "main")?.open');
    expect(await page.locator(`${target} .more`).isVisible()).toBe(true);
    await page.context().close();
  });

  it('is read whole without scripts', async () => {
    const { page } = await open('sample', { javaScript: false });
    expect(await page.locator('.tools').isVisible()).toBe(false);
    expect(await shown(page)).toBe(40);
    expect(await page.locator('.gate').innerText()).toContain('FAILED');
    await page.locator('.req').last().locator('summary').click();
    expect(await page.locator('.req').last().locator('.more').isVisible()).toBe(true);
    await page.context().close();
  });

  it('prints everything, light, and nothing that is for clicking', async () => {
    const { page } = await open('sample', { dark: true });
    await page.locator('.tools button[data-value="contradicted"]').click();
    await page.emulateMedia({ media: 'print', colorScheme: 'dark' });
    expect(await page.locator('.tools').isVisible()).toBe(false);
    expect(await shown(page)).toBe(40);
    const closed = page.locator('.req:not([open]) .more').first();
    expect((await closed.boundingBox())?.height).toBeGreaterThan(20);
    expect(await page.evaluate('getComputedStyle(document.body).backgroundColor')).toBe('rgb(255, 255, 255)');
    const pdf = await page.pdf({ path: join(screenshotFolder, 'sample.pdf'), format: 'A4' });
    expect(pdf.length).toBeGreaterThan(20_000);
    await page.context().close();
  });

  it.each([
    ['sample', 1280, false],
    ['sample', 1280, true],
    ['sample', 390, false],
    ['passed', 390, true],
  ])('%s at %i pixels (dark: %s) has no fault that axe finds', async (name, width, dark) => {
    const { page } = await open(name, { width, dark });
    await page.evaluate('for (const details of document.querySelectorAll("details")) details.open = true');
    await page.evaluate(axe.source);
    const faults = await page.evaluate(`axe
      .run(document, { runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'] })
      .then(({ violations }) => violations.map(({ id, nodes }) => id + ': ' + nodes.map(({ html }) => html).join(' ')))`);
    expect(faults).toEqual([]);
    await page.context().close();
  });
});
