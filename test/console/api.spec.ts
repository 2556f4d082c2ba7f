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

describe.skipIf(browserMissing !== undefined)('the console’s page of the API', () => {
  let browser: Browser;
  let service: SharedService;

  beforeAll(async () => {
    [browser, service] = await Promise.all([startBrowser(), sharedService()]);
  });
  afterAll(async () => browser.close());

  it('finds a method and shows its fields and how it is called', async () => {
    const { page, close } = await openPage(browser, `${service.httpUrl}/console/#/api`);
    await page.getByRole('searchbox', { name: 'Find' }).fill('mergesubjects');
    await page.getByText('1 method').waitFor();
    await page.getByText('MergeSubjects', { exact: true }).first().click();
    await page.getByRole('table', { name: 'Fields of MergeSubjectsRequest' }).waitFor();
    const curl = await page.locator('pre').first().textContent();
    expect(curl).toContain(`${service.httpUrl}/symface.v1.EnrollmentService/MergeSubjects`);
    expect(curl).toContain('{"target":"…","source":"…"}');
    // What a field is of is shown, too, down to the values of an enum.
    await page.getByRole('searchbox', { name: 'Find' }).fill('detectfaces');
    await page.getByText('DetectFaces', { exact: true }).first().click();
    await page.getByText('FaceSelection', { exact: true }).last().click();
    await page
      .getByRole('table', { name: 'Values of FaceSelection' })
      .getByText('The face with the largest')
      .waitFor();
    await page.getByRole('searchbox', { name: 'Find' }).fill('mergesubjects');
    await page.getByText('MergeSubjects', { exact: true }).first().click();
    await page.getByRole('table', { name: 'Fields of MergeSubjectsRequest' }).waitFor();
    expect(await accessibilityFindings(page)).toEqual([]);
    await keepScreenshot(page, 'api');
    await page.setViewportSize({ width: 360, height: 740 });
    expect(await sidewaysScrolled(page)).toEqual([]);
    await close();
  });
});
