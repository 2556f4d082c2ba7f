import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { SymFaceClient } from '../../src/client/symface-client.js';
import { encodePng } from '../../src/inference/decode/sharp-image-encoder.js';
import {
  accessibilityFindings,
  browserMissing,
  keepScreenshot,
  openPage,
  sidewaysScrolled,
  startBrowser,
} from '../support/browser.js';
import { coarsePicture } from '../support/pictures-of-detail.js';
import { type RunningServer, startRunningServer } from '../support/running-server.js';
import { importTinyBackbone } from '../support/tiny-backbone-import.js';

/** The browser logs refusals, which this page shows in words. */
const refusals = /status of 4\d\d/u;
const [personCount, picturesOfEach] = [12, 4];

describe.skipIf(browserMissing !== undefined)('the page of benchmarks', () => {
  let browser: Browser;
  let server: RunningServer;
  let folder: string;

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'symface-console-'));
    [browser, server] = await Promise.all([startBrowser(), startRunningServer()]);
    await writePersons(folder);
    const client = new SymFaceClient({ server: server.address });
    await importTinyBackbone(client);
    client.close();
  });
  afterAll(async () => {
    await Promise.all([browser.close(), server.stop()]);
    await rm(folder, { recursive: true });
  });

  const open = async (path: string, options: Parameters<typeof openPage>[2] = {}) =>
    openPage(browser, `${server.httpUrl}/console/#/benchmarks${path}`, { mayLog: refusals, ...options });

  it('registers a data set, says what is wrong with one, and runs its protocol on two models', async () => {
    const { page, close } = await open('');
    await page.getByText('None is done yet').waitFor();
    await page.getByLabel('Id', { exact: true }).fill('painted');
    await page.getByLabel('Path on the server').fill(join(folder, 'nowhere'));
    await page.getByLabel('Images are').selectOption({ label: 'aligned crops, 112×112' });
    await page.getByRole('button', { name: 'Register' }).click();
    await page.getByRole('alert').getByText('Reason').waitFor();
    await page.getByLabel('Path on the server').fill(folder);
    await page.getByRole('button', { name: 'Register' }).click();
    await page.getByText('Registered painted').waitFor();
    expect(await accessibilityFindings(page)).toEqual([]);
    for (const model of [/^The one that serves/u, /^tiny-/u]) {
      await page.goto(`${server.httpUrl}/console/#/benchmarks`);
      const option = page.getByLabel('Model').getByRole('option', { name: model });
      await option.waitFor({ state: 'attached' });
      await page.getByLabel('Model').selectOption({ label: (await option.textContent()) ?? '' });
      await page.getByRole('button', { name: 'Run', exact: true }).click();
      await page.getByRole('link', { name: 'the report' }).waitFor();
    }
    await close();
  });

  it('shows a run: curves, similarities, rates with intervals, and the worst pairs on demand', async () => {
    const { page, close } = await open('');
    await page
      .getByRole('table', { name: 'Benchmark runs' })
      .getByRole('link', { name: 'painted' })
      .last()
      .click();
    for (const name of [/^ROC/u, /^DET/u, /^Similarities/u]) await page.getByRole('img', { name }).waitFor();
    await page.getByRole('button', { name: 'Show the faces' }).click();
    await page.getByRole('heading', { name: /^False matches/u }).waitFor();
    expect(await accessibilityFindings(page)).toEqual([]);
    await keepScreenshot(page, 'benchmark-run');
    const saved = page.waitForEvent('download');
    await page.getByRole('group', { name: /ROC/u }).getByRole('button', { name: 'PNG' }).click();
    expect((await saved).suggestedFilename()).toBe('roc.png');
    await close();
  });

  it('lays two runs over each other, and says whether their difference is real', async () => {
    const { page, close } = await open('', { colorScheme: 'dark' });
    const choices = page.getByRole('checkbox', { name: /^Compare/u });
    await choices.first().waitFor();
    await keepScreenshot(page, 'benchmarks-dark');
    for (const choice of await choices.all()) await choice.check();
    await page.getByRole('button', { name: 'Compare 2' }).click();
    await page
      .getByText(/beyond chance/u)
      .first()
      .waitFor();
    await page.getByRole('img', { name: /^ROC/u }).waitFor();
    expect(await accessibilityFindings(page)).toEqual([]);
    await keepScreenshot(page, 'benchmark-comparison-dark');
    await page.setViewportSize({ width: 360, height: 740 });
    expect(await sidewaysScrolled(page)).toEqual([]);
    await keepScreenshot(page, 'benchmark-comparison-on-a-phone');
    await close();
  });
});

/** A folder of pictures a person, as a data set of aligned crops: pictures of one person are of one pattern, less or more bright. */
async function writePersons(folder: string): Promise<void> {
  for (let person = 0; person < personCount; person++) {
    const own = join(folder, `person-${person}`);
    await mkdir(own);
    const { width, height, pixels } = coarsePicture(16, person + 1);
    for (let picture = 0; picture < picturesOfEach; picture++) {
      const brighter = pixels.map((value) => Math.min(255, value * (0.4 + 0.4 * picture)));
      await writeFile(join(own, `${picture}.png`), await encodePng({ width, height, pixels: brighter }));
    }
  }
}
