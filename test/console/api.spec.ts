import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  accessibilityFindings,
  browserMissing,
  keepScreenshot,
  openPage,
  startBrowser,
} from '../support/browser.js';
import { type SharedService, sharedService } from '../support/shared-servers.js';

describe.skipIf(browserMissing !== undefined)('the console’s page of the API', () => {
  let browser: Browser;
  let service: SharedService;

  beforeAll(async () => {
    [browser, service] = await Promise.all([startBrowser(), sharedService()]);
  });
  afterAll(async () => browser.close());

  it('finds a method and shows its fields and how it is called', async () => {
    const { page, close } = await openPage(browser, `${service.httpUrl}/console/#/api`);
    await page.getByLabel('Find').fill('mergesubjects');
    await page.getByText('1 method').waitFor();
    await page.getByText('MergeSubjects', { exact: true }).first().click();
    await page.getByRole('table', { name: 'Fields of MergeSubjectsRequest' }).waitFor();
    expect(await page.locator('pre').first().textContent()).toContain(
      `${service.httpUrl}/symface.v1.EnrollmentService/MergeSubjects`,
    );
    expect(await accessibilityFindings(page)).toEqual([]);
    await keepScreenshot(page, 'api');
    await close();
  });
});
