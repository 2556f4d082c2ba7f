import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  accessibilityFindings,
  browserMissing,
  keepScreenshot,
  openPage,
  sidewaysScrolled,
  startBrowser,
} from '../support/browser.js';
import { type SharedService, sharedService } from '../support/shared-servers.js';

describe.skipIf(browserMissing !== undefined)('the page Operations', () => {
  let browser: Browser;
  let service: SharedService;
  let address: string;

  beforeAll(async () => {
    [browser, service] = await Promise.all([startBrowser(), sharedService()]);
    address = `${service.httpUrl}/console/#/operations`;
  });
  afterAll(async () => browser.close());

  it('shows what serves, what calls take, and a key from its making to its end', async () => {
    const { page, close } = await openPage(browser, address);
    await page.getByText('ready', { exact: true }).waitFor();
    await page.getByRole('table', { name: 'Replicas' }).getByText('gateway').waitFor();
    await page
      .getByRole('table', { name: 'Latency by method' })
      .getByText('AdminService/GetCaller')
      .waitFor();

    const name = `console ${Date.now()}`;
    await page.getByLabel('Name').fill(name);
    await page.getByLabel('Tenant').fill('console-operations');
    await page.getByRole('button', { name: 'Create' }).click();
    await page.getByText(/^sfk_/u).waitFor();
    // As a page without TLS has none, on a machine other than the service's.
    await page.evaluate('Object.defineProperty(navigator, "clipboard", { value: undefined })');
    await page.getByRole('button', { name: 'Copy secret' }).click();
    await page.getByText('The browser does not let this page copy; select the text.').waitFor();
    const row = page.getByRole('row', { name });
    await row.waitFor();
    await page.getByRole('button', { name: 'I have kept it' }).click();
    await page.getByText(/^sfk_/u).waitFor({ state: 'detached' });
    await keepScreenshot(page, 'operations');

    await row.getByRole('button', { name: 'Revoke …' }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Revoke it' }).click();
    await row.getByText('revoked').waitFor();
    await page.getByRole('button', { name: 'Load again' }).click();
    await page.getByRole('searchbox', { name: 'Only with' }).fill('api-key.');
    await page.getByRole('rowheader', { name: 'api-key.revoke' }).first().waitFor();
    // The service searches, so that what was there stays until it has answered.
    await page.getByRole('rowheader', { name: 'model.activate' }).first().waitFor({ state: 'detached' });
    await page.getByRole('searchbox', { name: 'Only with' }).fill('nobody did this');
    await page.getByText('No record has that.').waitFor();
    await close();
  });

  it('shows what each encryption key seals, and asks before it makes a new one', async () => {
    const { page, close } = await openPage(browser, address);
    await page.getByRole('button', { name: 'Count what each key seals' }).click();
    const keys = page.getByRole('table', { name: 'Data keys' });
    await keys.getByText('seals', { exact: true }).waitFor();
    await keepScreenshot(page, 'operations-encryption');
    await page.getByRole('button', { name: 'New data key …' }).click();
    await page.getByRole('dialog').getByText('destroys the old keys').waitFor();
    await page.getByRole('button', { name: 'Leave it' }).click();
    expect(await page.getByRole('button', { name: 'Seal by this master key …' }).count()).toBe(0);
    expect(await accessibilityFindings(page)).toEqual([]);
    await close();
  });

  it.each(['light', 'dark'] as const)('has no serious barrier in %s colours', async (colorScheme) => {
    const { page, close } = await openPage(browser, address, { colorScheme });
    await page.getByRole('table', { name: 'Replicas' }).waitFor();
    expect(await accessibilityFindings(page)).toEqual([]);
    await close();
  });

  it('fits a phone without scrolling sideways', async () => {
    const { page, close } = await openPage(browser, address, { viewport: { width: 360, height: 740 } });
    await page.getByRole('table', { name: 'Replicas' }).waitFor();
    await keepScreenshot(page, 'operations-on-a-phone');
    expect(await sidewaysScrolled(page)).toEqual([]);
    await close();
  });
});
