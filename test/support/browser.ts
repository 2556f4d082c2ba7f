import { existsSync } from 'node:fs';
import { mkdir, readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import sharp from 'sharp';
import { type Browser, type BrowserContext, type Page, chromium } from 'playwright-core';

/** Debian's Chromium, and where other systems put it. Playwright's own is a download, which no test may need. */
const executables = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'];
const executablePath = executables.find((path) => existsSync(path));
const screenshotFolder = fileURLToPath(new URL('../../docs/console/', import.meta.url));

/** Why tests in a browser are skipped; undefined where there is one. */
export const browserMissing =
  executablePath === undefined
    ? 'no Chromium on this machine (Debian: apt-get install chromium): tests in a browser are skipped'
    : undefined;
if (browserMissing !== undefined) console.warn(browserMissing);

export interface OpenedPage {
  readonly page: Page;
  /** The addresses beyond the service that anything of the page asked for, and errors that it logged. */
  readonly complaints: readonly string[];
  /** Closes the page. @throws Error where it asked another host for something, or logged an error */
  readonly close: () => Promise<void>;
}

/** A headless Chromium that asks nobody for anything on its own. */
export async function startBrowser(): Promise<Browser> {
  return chromium.launch({
    ...(executablePath === undefined ? {} : { executablePath }),
    args: [
      '--no-sandbox',
      '--disable-gpu',
      '--disable-quic',
      '--no-first-run',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
      '--use-fake-ui-for-media-stream',
      '--use-fake-device-for-media-stream',
    ],
  });
}

interface OpenOptions {
  readonly colorScheme?: 'light' | 'dark';
  readonly viewport?: { readonly width: number; readonly height: number };
  /** Errors that the test is about, which the page may log. */
  readonly mayLog?: RegExp;
}

/** Opens an address of the service in a context of its own, and watches what the page asks for and complains of. */
export async function openPage(
  browser: Browser,
  url: string,
  { colorScheme = 'light', viewport = { width: 1280, height: 900 }, mayLog }: OpenOptions = {},
): Promise<OpenedPage> {
  const context: BrowserContext = await browser.newContext({
    colorScheme,
    viewport,
    reducedMotion: 'reduce',
  });
  context.setDefaultTimeout(45_000);
  const page = await context.newPage();
  const complaints: string[] = [];
  const { origin } = new URL(url);
  page.on('request', (request) => {
    const target = new URL(request.url());
    const isLocal = target.origin === origin || target.protocol === 'blob:' || target.protocol === 'data:';
    if (!isLocal) complaints.push(`asked ${request.url()}`);
  });
  page.on('console', (message) => {
    if (message.type() === 'error' && mayLog?.test(message.text()) !== true) complaints.push(message.text());
  });
  page.on('pageerror', (error) => {
    complaints.push(error.stack ?? error.message);
  });
  await page.goto(url);
  return {
    page,
    complaints,
    close: async () => {
      await context.close();
      if (complaints.length > 0) throw new Error(`the page complained:\n${complaints.join('\n')}`);
    },
  };
}

/** The findings of axe that matter to people: all but those of its impact "minor", each with where. */
export async function accessibilityFindings(page: Page): Promise<readonly string[]> {
  const file = createRequire(import.meta.url).resolve('axe-core/axe.min.js');
  // Evaluated by the debugger: the content security policy forbids a script element, as it should.
  await page.evaluate(await readFile(file, 'utf8'));
  const found = await page.evaluate(async () => {
    interface Finding {
      readonly id: string;
      readonly impact: string;
      readonly nodes: readonly { readonly html: string; readonly failureSummary: string }[];
    }
    const { axe } = globalThis as unknown as {
      readonly axe: { run(): Promise<{ readonly violations: readonly Finding[] }> };
    };
    return (await axe.run()).violations;
  });
  return found
    .filter(({ impact }) => impact !== 'minor')
    .flatMap(({ id, nodes }) => nodes.map(({ html, failureSummary }) => `${id}: ${html}\n${failureSummary}`));
}

/** What is wider than there is room for, the page itself or a box in it that has to be scrolled sideways; code may. */
export async function sidewaysScrolled(page: Page): Promise<readonly string[]> {
  // Lists become cards a frame or more after the page has got another width.
  const deadlineMs = performance.now() + 2000;
  for (;;) {
    const scrolled = await scrolledNow(page);
    if (scrolled.length === 0 || performance.now() > deadlineMs) return scrolled;
    await page.waitForTimeout(50);
  }
}

async function scrolledNow(page: Page): Promise<readonly string[]> {
  return page.evaluate(() => {
    const root = document.documentElement;
    const boxes = [...document.querySelectorAll('.table-scroll')].filter(
      (box) => box.scrollWidth > box.clientWidth && box.closest('details:not([open])') === null,
    );
    return [
      ...(root.scrollWidth > window.innerWidth ? ['the page'] : []),
      ...boxes.map((box) => box.firstElementChild?.getAttribute('aria-label') ?? box.className),
    ];
  });
}

/** Keeps a picture of a page under docs/console where SYMFACE_SCREENSHOTS is set, so that people can look at it. */
export async function keepScreenshot(page: Page, name: string): Promise<void> {
  if (process.env['SYMFACE_SCREENSHOTS'] === undefined) return;
  await mkdir(screenshotFolder, { recursive: true });
  // What a pointer is told is not part of a page.
  await page.mouse.move(0, 0);
  const picture = await page.screenshot({ fullPage: true });
  // A palette: pages have few colours, and a repository keeps every picture for ever.
  await sharp(picture)
    .png({ palette: true, colours: 64, effort: 10 })
    .toFile(join(screenshotFolder, `${name}.png`));
}
