import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import chromium from '@sparticuz/chromium';
import { type Browser, type Page, chromium as playwright } from 'playwright-core';
import { root } from './process.ts';

/** Pictures for people to look at; git does not take them. */
export const screenshotFolder = join(root, '.local', 'screenshots');

/** A headless Chromium, or why there is none here. */
export async function startBrowser(): Promise<Browser | string> {
  try {
    const executablePath = await chromium.executablePath();
    mkdirSync(screenshotFolder, { recursive: true });
    return await playwright.launch({
      executablePath,
      // Drawn by software in the browser's own process, as there is no graphics card to wait for.
      args: [
        '--no-sandbox',
        '--no-zygote',
        '--in-process-gpu',
        '--use-gl=angle',
        '--use-angle=swiftshader',
        '--font-render-hinting=none',
      ],
    });
  } catch (error) {
    return `Chromium does not start here: ${String(error).split('\n')[0]}`;
  }
}

/** Tries a few times: a machine with much to do does not always give one. */
export async function takePicture(page: Page, name: string, fullPage: boolean, tries = 5): Promise<void> {
  try {
    await page.screenshot({ path: join(screenshotFolder, `${name}.png`), fullPage });
  } catch (error) {
    if (tries === 1) throw error;
    await page.waitForTimeout(300);
    await takePicture(page, name, fullPage, tries - 1);
  }
}

export interface Opened {
  page: Page;
  /** What the page complained of. */
  complaints: string[];
  /** What it asked for beside itself. */
  requests: string[];
}

/** Opens a file of this machine, as whoever got it by mail does. */
export async function openFile(
  browser: Browser,
  path: string,
  { width = 1280, dark = false, javaScript = true } = {},
): Promise<Opened> {
  const context = await browser.newContext({
    viewport: { width, height: width < 600 ? 844 : 900 },
    colorScheme: dark ? 'dark' : 'light',
    javaScriptEnabled: javaScript,
  });
  const page = await context.newPage();
  const complaints: string[] = [];
  const requests: string[] = [];
  const { href } = pathToFileURL(path);
  page.on('console', (message) => {
    if (message.type() === 'error' || message.type() === 'warning') complaints.push(message.text());
  });
  page.on('pageerror', (error) => complaints.push(String(error)));
  page.on('request', (request) => {
    if (!request.url().startsWith(href) && !request.url().startsWith('data:')) requests.push(request.url());
  });
  await page.goto(href);
  return { page, complaints, requests };
}
