import type { Browser, Page } from 'playwright-core';
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
  photographOfTwoPersons,
  secondPhotographOfThatPerson,
} from '../support/npm-photographs.js';
import { type SharedService, sharedService } from '../support/shared-servers.js';

describe.skipIf(browserMissing !== undefined)('the console’s page to try it', () => {
  let browser: Browser;
  let service: SharedService;

  beforeAll(async () => {
    [browser, service] = await Promise.all([startBrowser(), sharedService()]);
  });
  afterAll(async () => browser.close());

  const open = async (options = {}) => openPage(browser, `${service.httpUrl}/console/#/try`, options);

  it.each(['light', 'dark'] as const)(
    'compares two photographs of one person, in %s colours',
    async (colorScheme) => {
      const { page, close } = await open({ colorScheme });
      await choose(page, 'First', await photographOfOnePerson());
      await choose(page, 'Second', await secondPhotographOfThatPerson());
      await page.getByText('Match', { exact: true }).waitFor();
      await page
        .getByRole('img', { name: /right half/u })
        .nth(1)
        .waitFor();
      expect(await page.getByText('One face was found.').count()).toBe(2);
      expect(await page.locator('.face-mark circle').count()).toBe(10);
      expect(await page.getByText('Match probability').count()).toBe(1);
      expect(await accessibilityFindings(page)).toEqual([]);
      await keepScreenshot(page, `try-it-${colorScheme}`);
      await close();
    },
  );

  it('tells the error rates of a threshold that is moved by keys, and the call with it', async () => {
    const { page, close } = await open();
    await choose(page, 'First', await photographOfOnePerson());
    await choose(page, 'Second', await photographOfAnotherPerson());
    await page.getByText('No match', { exact: true }).waitFor();
    const curl = page.getByLabel('curl', { exact: true });
    expect(await curl.textContent()).not.toContain('hreshold');
    await page.getByRole('button', { name: 'FMR 1e-2' }).click();
    await page.getByText('1 in 100 of strangers match').waitFor();
    expect(await curl.textContent()).toContain('"falseMatchRate":0.01');
    const handle = page.getByLabel('Move the threshold');
    await handle.press('Home');
    await page.getByText('more than 10 %').waitFor();
    await page.getByText('these two match').waitFor();
    await handle.press('End');
    await page.getByText('these two do not match').waitFor();
    expect(await curl.textContent()).toContain('"similarityThreshold":1.000');
    await close();
  });

  it('says what is wrong with a photograph, and what can be done', async () => {
    const { page, close } = await open({ mayLog: /status of 4\d\d/u });
    await choose(page, 'First', await photographOfNobody());
    await page.getByText('No face was found.', { exact: false }).waitFor();
    await choose(page, 'Second', Buffer.from('no image at all'), 'notes.txt', 'text/plain');
    await page.getByText('notes.txt is no photograph').waitFor();
    await choose(page, 'Second', Buffer.from('no image at all'));
    await page.getByText('IMAGE_', { exact: false }).first().waitFor();
    await choose(page, 'First', await photographOfTwoPersons());
    await page.getByText('2 faces were found.').waitFor();
    await choose(page, 'Second', await photographOfOnePerson());
    await page.getByText('MULTIPLE_FACES').waitFor();
    await keepScreenshot(page, 'try-it-refused');
    await page.getByRole('button', { name: 'Compare the largest faces' }).click();
    await page.getByText(/^(?:Match|No match)$/u).waitFor();
    await close();
  });

  it('shows the photograph that was chosen last, though an earlier one takes longer to be read', async () => {
    const { page, close } = await open();
    await page.evaluate(`(() => {
      const read = Blob.prototype.arrayBuffer;
      Blob.prototype.arrayBuffer = async function () {
        if (this.name === 'slow.jpg') await new Promise((resolve) => (window.readSlowly = resolve));
        return read.call(this);
      };
    })()`);
    await choose(page, 'First', await photographOfOnePerson(), 'slow.jpg');
    await choose(page, 'First', await photographOfAnotherPerson(), 'fast.jpg');
    await page.getByRole('img', { name: 'fast.jpg' }).waitFor();
    await page.evaluate('window.readSlowly()');
    await page.getByText('One face was found.').waitFor();
    expect(await page.getByRole('img', { name: 'slow.jpg' }).count()).toBe(0);
    await close();
  });

  it('takes a photograph by the camera, and fits a phone', async () => {
    const { page, close } = await open({ viewport: { width: 360, height: 740 } });
    await page.getByRole('button', { name: 'Camera (First photograph)' }).click();
    await page.getByRole('button', { name: 'Take the photograph' }).click();
    await page.getByRole('img', { name: 'from the camera' }).waitFor();
    await choose(page, 'First', await photographOfOnePerson());
    await choose(page, 'Second', await secondPhotographOfThatPerson());
    await page.getByText('Match', { exact: true }).waitFor();
    expect(await sidewaysScrolled(page)).toEqual([]);
    await keepScreenshot(page, 'try-it-on-a-phone');
    await close();
  });
});

async function choose(
  page: Page,
  which: 'First' | 'Second',
  buffer: Buffer,
  name = 'photograph.jpg',
  mimeType = 'image/jpeg',
): Promise<void> {
  const input = page.getByLabel(`Choose a file (${which} photograph)`);
  await input.setInputFiles({ name, mimeType, buffer });
}
