import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  accessibilityFindings,
  browserMissing,
  openPage,
  sidewaysScrolled,
  startBrowser,
} from '../support/browser.js';
import { type SharedService, sharedService } from '../support/shared-servers.js';

describe.skipIf(browserMissing !== undefined)('the console', () => {
  let browser: Browser;
  let service: SharedService;

  beforeAll(async () => {
    [browser, service] = await Promise.all([startBrowser(), sharedService()]);
  });
  afterAll(async () => browser.close());

  it('opens on its first page without a question where the service asks for no keys', async () => {
    const { page, close } = await openPage(browser, `${service.httpUrl}/console/`);
    await page.getByRole('heading', { name: 'Try it', level: 1 }).waitFor();
    expect(await page.getByRole('navigation', { name: 'Pages' }).getByRole('link').allTextContents()).toEqual(
      ['Try it', 'People', 'Models', 'Learning', 'Benchmarks', 'Operations', 'API'],
    );
    await close();
  });

  it.each(['light', 'dark'] as const)('has no serious barrier in %s colours', async (colorScheme) => {
    const { page, close } = await openPage(browser, `${service.httpUrl}/console/`, { colorScheme });
    await page.getByRole('heading', { level: 1 }).waitFor();
    expect(await accessibilityFindings(page)).toEqual([]);
    await close();
  });

  it('fits a phone without scrolling sideways', async () => {
    const viewport = { width: 360, height: 740 };
    const { page, close } = await openPage(browser, `${service.httpUrl}/console/`, { viewport });
    await page.getByRole('heading', { level: 1 }).waitFor();
    expect(await sidewaysScrolled(page)).toEqual([]);
    // Every page is in sight: nobody looks for one that lies beyond the edge of a row.
    for (const link of await page.getByRole('navigation', { name: 'Pages' }).getByRole('link').all()) {
      const { x = -1, width = 0 } = (await link.boundingBox()) ?? {};
      expect(x).toBeGreaterThanOrEqual(0);
      expect(x + width).toBeLessThanOrEqual(360);
    }
    await close();
  });

  it('is reached and used with the keyboard', async () => {
    const { page, close } = await openPage(browser, `${service.httpUrl}/console/#/models`);
    await page.getByRole('heading', { name: 'Models', level: 1 }).waitFor();
    // Not apart from each other: the page that was opened moves the focus to its heading, too.
    await page.getByRole('link', { name: 'People' }).press('Enter');
    await page.getByRole('heading', { name: 'People', level: 1 }).waitFor();
    // Screen readers go on where the focus is.
    // Asked from here, again and again: Playwright's own waiting evaluates text within the page,
    // which the console's policy forbids from the second look on.
    await expect.poll(() => page.evaluate('document.activeElement.tagName')).toBe('H1');
    await close();
  });

  it('opens a page by itself that an outage kept from it', async () => {
    const { page, close } = await openPage(browser, `${service.httpUrl}/console/`, {
      mayLog: /Failed to (?:load resource|fetch)/u,
    });
    await page.getByRole('heading', { name: 'Try it', level: 1 }).waitFor();
    await page.route('**/console/**', async (route) => route.abort());
    await page.getByRole('link', { name: 'Benchmarks' }).click();
    await page.getByRole('alert').getByText('could not be fetched').waitFor();
    await page.unroute('**/console/**');
    await page.getByRole('heading', { name: 'Runs' }).waitFor();
    await close();
  });

  it('sends its files with a policy that lets in nothing from elsewhere', async () => {
    const answer = await fetch(`${service.httpUrl}/console/`);
    expect(answer.status).toBe(200);
    const policy = answer.headers.get('content-security-policy') ?? '';
    expect(policy).toContain("default-src 'none'");
    expect(policy).not.toContain('unsafe');
    expect(answer.headers.get('x-content-type-options')).toBe('nosniff');
  });
});
