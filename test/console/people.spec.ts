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
import {
  photographOfAnotherPerson,
  photographOfNobody,
  photographOfOnePerson,
  secondPhotographOfThatPerson,
} from '../support/npm-photographs.js';
import { type SharedService, sharedService } from '../support/shared-servers.js';

const mimeType = 'image/jpeg';

describe.skipIf(browserMissing !== undefined)('the console’s page of people', () => {
  let browser: Browser;
  let service: SharedService;

  beforeAll(async () => {
    [browser, service] = await Promise.all([startBrowser(), sharedService()]);
  });
  afterAll(async () => browser.close());

  it('enrols, finds, identifies and deletes a person, with a receipt', async () => {
    const { page, close } = await openPage(browser, `${service.httpUrl}/console/#/people`);
    await page.getByLabel('Id', { exact: true }).fill('console-people');
    await page.getByRole('button', { name: 'Make the collection' }).click();
    await page.getByText('Nobody is enrolled yet.', { exact: false }).waitFor();

    await page.getByLabel('Whom they show').fill('ada');
    await page.getByLabel('Choose files (Photographs of ada)').setInputFiles([
      { name: 'one.jpg', mimeType, buffer: await photographOfOnePerson() },
      { name: 'nobody.jpg', mimeType, buffer: await photographOfNobody() },
      { name: 'notes.txt', mimeType: 'text/plain', buffer: Buffer.from('notes') },
    ]);
    await page.getByText('1 of 3 enrolled.').waitFor();
    await page.getByText('notes.txt is no photograph', { exact: false }).waitFor();
    await page.getByLabel('Whom they show').fill('eve');
    await page
      .getByLabel('Choose files (Photographs of eve)')
      .setInputFiles({ name: 'eve.jpg', mimeType, buffer: await photographOfAnotherPerson() });
    await page.getByText('1 of 1 enrolled.').waitFor();

    await page
      .getByLabel('Choose a file (Photograph to identify)')
      .setInputFiles({ name: 'who.jpg', mimeType, buffer: await secondPhotographOfThatPerson() });
    const candidates = page.getByRole('table', { name: 'Candidates' }).getByRole('row');
    await candidates.nth(1).waitFor();
    expect(await candidates.nth(1).textContent()).toMatch(/^ada match\d/u);
    expect(await accessibilityFindings(page)).toEqual([]);
    await keepScreenshot(page, 'people-collection');

    await page.getByLabel('Find').fill('AD');
    const subjects = page.getByRole('table', { name: 'Subjects' });
    await subjects.getByRole('link', { name: 'eve' }).waitFor({ state: 'detached' });
    await subjects.getByRole('link', { name: 'ada' }).click();
    await page.getByRole('button', { name: 'Record the consent' }).click();
    await page.getByRole('button', { name: 'Withdraw the consent' }).waitFor();
    await page.getByRole('button', { name: 'Show the crop' }).click();
    await page.getByRole('img', { name: /^Crop of the face/u }).waitFor();
    // Whoever hears the page alone is told which of the faces a button is for.
    await page.getByRole('button', { name: 'Delete … (face 1)' }).waitFor();
    await page.getByLabel('The other subject').fill('eve');
    await page.getByRole('button', { name: 'Merge' }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Merge' }).click();
    await page.getByText('Faces of eve that are here now: 1.').waitFor();
    expect(await accessibilityFindings(page)).toEqual([]);
    await keepScreenshot(page, 'people-subject');

    await page.getByRole('button', { name: 'Delete the subject' }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Delete the subject' }).click();
    await page.getByText('2 faces, 2 crops, 2 templates', { exact: false }).waitFor();
    const [download] = await Promise.all([
      page.waitForEvent('download'),
      page.getByRole('link', { name: 'Download the receipt' }).click(),
    ]);
    expect(download.suggestedFilename()).toMatch(/^receipt-.*\.json$/u);
    await close();
  });

  it('fits a phone, in dark colours', async () => {
    const viewport = { width: 360, height: 740 };
    const options = { viewport, colorScheme: 'dark' } as const;
    const { page, close } = await openPage(browser, `${service.httpUrl}/console/#/people`, options);
    await page.getByRole('heading', { name: 'Collections' }).waitFor();
    expect(await sidewaysScrolled(page)).toEqual([]);
    expect(await accessibilityFindings(page)).toEqual([]);
    await keepScreenshot(page, 'people-on-a-phone');
    await close();
  });

  it('stops an enrolment, and asks before one is left in its middle', async () => {
    const { page, close } = await openPage(browser, `${service.httpUrl}/console/#/people`);
    await page.getByLabel('Id', { exact: true }).fill('console-leaving');
    await page.getByRole('button', { name: 'Make the collection' }).click();
    await page.getByLabel('Whom they show').fill('ada');
    // The call is never answered.
    await page.route('**/symface.v1.EnrollmentService/EnrollFaces', () => undefined);
    await page
      .getByLabel('Choose files (Photographs of ada)')
      .setInputFiles({ name: 'one.jpg', mimeType, buffer: await photographOfOnePerson() });
    await page.getByText('0 of 1 photographs', { exact: false }).waitFor();
    // What runs can be stopped without leaving.
    await page.getByRole('button', { name: 'Stop' }).click();
    await page.getByText('0 of 0 enrolled. 1 photograph left out.').waitFor();
    await page
      .getByLabel('Choose files (Photographs of ada)')
      .setInputFiles({ name: 'two.jpg', mimeType, buffer: await photographOfOnePerson() });
    await page.getByText('0 of 1 photographs', { exact: false }).waitFor();
    const asked: string[] = [];
    page.on('dialog', (dialog) => {
      asked.push(dialog.message());
      void (asked.length === 1 ? dialog.dismiss() : dialog.accept());
    });
    const away = page.getByRole('link', { name: 'All collections' });
    await away.click();
    // The address changes with the click, the question comes after it, and the address goes back last.
    await expect.poll(() => asked.length, { timeout: 10_000 }).toBe(1);
    await expect.poll(() => new URL(page.url()).hash, { timeout: 10_000 }).toBe('#/people/console-leaving');
    await away.click();
    await page.getByRole('heading', { name: 'New collection' }).waitFor();
    expect(asked).toEqual(Array(2).fill(expect.stringContaining('still being enrolled')));
    await close();
  });

  it('shows its list by itself once an outage is over', async () => {
    const { page, close } = await openPage(browser, `${service.httpUrl}/console/#/try`, {
      mayLog: /ERR_FAILED/u,
    });
    let isOut = true;
    await page.route('**/symface.v1.EnrollmentService/ListCollections', async (route) =>
      isOut ? route.abort() : route.continue(),
    );
    await page.getByRole('navigation').getByRole('link', { name: 'People' }).click();
    await page.getByText('It is tried again by itself.').waitFor();
    isOut = false;
    await page.getByRole('table', { name: 'Collections' }).waitFor();
    expect(await page.getByRole('alert').count()).toBe(0);
    await close();
  });

  it.each(['light', 'dark'] as const)(
    'shows long ids on a phone without scrolling sideways (%s)',
    async (colorScheme) => {
      const { page, close } = await openPage(browser, `${service.httpUrl}/console/#/people`, {
        colorScheme,
        viewport: { width: 360, height: 740 },
      });
      const id = `${colorScheme}-${'a-collection-with-a-long-id.'.repeat(2)}end`.slice(0, 63);
      await page.getByLabel('Id', { exact: true }).fill(id);
      await page.getByRole('button', { name: 'Make the collection' }).click();
      await page.getByRole('heading', { name: 'Enrol photographs' }).waitFor();
      await page
        .getByLabel('Whom they show')
        .fill('a.person.with.a.long.id@an-organisation.with-a-long-name.example.org');
      await page
        .getByLabel(/^Choose files/u)
        .setInputFiles({ name: 'one.jpg', mimeType, buffer: await photographOfOnePerson() });
      await page.getByText('1 of 1 enrolled.').waitFor();
      await page
        .getByLabel('Choose a file (Photograph to identify)')
        .setInputFiles({ name: 'who.jpg', mimeType, buffer: await secondPhotographOfThatPerson() });
      const candidates = page.getByRole('table', { name: 'Candidates' });
      await candidates.getByText('match', { exact: true }).waitFor();
      expect(await sidewaysScrolled(page)).toEqual([]);
      expect(await accessibilityFindings(page)).toEqual([]);
      await page.getByRole('link', { name: 'All collections' }).click();
      await page.getByRole('table', { name: 'Collections' }).getByRole('rowheader', { name: id }).waitFor();
      expect(await sidewaysScrolled(page)).toEqual([]);
      await close();
    },
  );
});
