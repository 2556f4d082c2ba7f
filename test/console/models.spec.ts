import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { SymFaceClient } from '../../src/client/symface-client.js';
import { activeBackbone } from '../support/activations.js';
import {
  accessibilityFindings,
  browserMissing,
  keepScreenshot,
  openPage,
  sidewaysScrolled,
  startBrowser,
} from '../support/browser.js';
import { type RunningServer, startRunningServer } from '../support/running-server.js';
import { importTinyBackbone } from '../support/tiny-backbone-import.js';

const idIn = (name: string): string => name.slice(name.indexOf('/') + 1);

describe.skipIf(browserMissing !== undefined)('the page Models', () => {
  let browser: Browser;
  let server: RunningServer;
  let client: SymFaceClient;
  let first: string;
  let tiny: string;

  beforeAll(async () => {
    [browser, server] = await Promise.all([startBrowser(), startRunningServer()]);
    client = new SymFaceClient({ server: server.address, timeoutMs: 30_000 });
    first = idIn(await activeBackbone(client));
    tiny = idIn(await importTinyBackbone(client));
  });
  afterAll(async () => {
    client.close();
    await Promise.all([browser.close(), server.stop()]);
  });

  it('activates a version with progress and goes back, by the keyboard', async () => {
    const { page, close } = await openPage(browser, `${server.httpUrl}/console/#/models`);
    await page.getByRole('link', { name: `${tiny.slice(-12)} · candidate` }).focus();
    await page.keyboard.press('Enter');
    await page.getByRole('heading', { name: tiny, level: 2 }).waitFor();
    await page.getByText('It has no thresholds.').waitFor();

    await page.getByRole('button', { name: 'Activate …' }).focus();
    await page.keyboard.press('Enter');
    const question = page.getByRole('dialog', { name: `Have ${tiny} serve?` });
    await question.getByLabel('Serve it even without a threshold').check();
    await question.getByRole('button', { name: 'Activate' }).click();
    await page.getByText(`${tiny} serves.`).waitFor();
    expect(idIn(await activeBackbone(client))).toBe(tiny);
    await page.getByRole('link', { name: `${first.slice(-12)} · served before` }).waitFor();
    await keepScreenshot(page, 'models');

    await page.getByRole('button', { name: 'Roll back …' }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Roll back' }).click();
    await page.getByText(`${first} serves.`).waitFor();
    expect(idIn(await activeBackbone(client))).toBe(first);
    await close();
  });

  it('has a candidate assessed, and leads to what was found', async () => {
    const { page, close } = await openPage(browser, `${server.httpUrl}/console/#/models/${tiny}`);
    await page.getByRole('button', { name: 'Assess', exact: true }).click();
    await page.getByRole('heading', { name: 'What each check found' }).waitFor();
    const address = page.url();
    await page.getByRole('link', { name: tiny }).click();
    await page.getByRole('link', { name: 'what it found' }).click();
    await page.getByRole('heading', { name: 'What each check found' }).waitFor();
    expect(page.url()).toBe(address);
    await close();
  });

  it('says why an activation is refused', async () => {
    const address = `${server.httpUrl}/console/#/models/${tiny}`;
    const { page, close } = await openPage(browser, address, { mayLog: /status of 400/u });
    await page.getByRole('button', { name: 'Activate …' }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Activate' }).click();
    await page.getByRole('alert').getByText('MODEL_NOT_CALIBRATED').waitFor();
    await close();
  });

  it.each(['light', 'dark'] as const)('has no serious barrier in %s colours', async (colorScheme) => {
    const address = `${server.httpUrl}/console/#/models/${first}`;
    const { page, close } = await openPage(browser, address, { colorScheme });
    await page.getByRole('table', { name: 'Thresholds' }).waitFor();
    expect(await accessibilityFindings(page)).toEqual([]);
    if (colorScheme === 'dark') await keepScreenshot(page, 'models-dark');
    await close();
  });

  it('fits a phone without scrolling sideways', async () => {
    const viewport = { width: 360, height: 740 };
    const address = `${server.httpUrl}/console/#/models/${first}`;
    const { page, close } = await openPage(browser, address, { viewport });
    await page.getByRole('table', { name: 'Thresholds' }).waitFor();
    await keepScreenshot(page, 'models-on-a-phone');
    expect(await sidewaysScrolled(page)).toEqual([]);
    await close();
  });

  it('deletes a version for good once that is confirmed', async () => {
    const { page, close } = await openPage(browser, `${server.httpUrl}/console/#/models/${tiny}`);
    await page.getByRole('button', { name: 'Delete …' }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Delete for good' }).click();
    await page.getByText(`${tiny} is gone`).waitFor();
    const { modelVersions } = await client.model.listModelVersions({});
    expect(modelVersions.map(({ name }) => idIn(name))).not.toContain(tiny);
    await close();
  });
});
