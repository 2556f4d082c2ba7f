import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { runCommandLine } from '../../src/cli/program.js';
import { CollectionStore } from '../../src/service/enrolment/collections/collection.store.js';
import { EnrolledFaceStore } from '../../src/service/enrolment/faces/enrolled-face.store.js';
import {
  accessibilityFindings,
  browserMissing,
  keepScreenshot,
  openPage,
  sidewaysScrolled,
  startBrowser,
} from '../support/browser.js';
import { openTestDatabase } from '../support/databases.js';
import { testEncryptionKey } from '../support/encryption-key.js';
import { RecordingTerminal } from '../support/recording-terminal.js';
import { type RunningServer, startRunningServer } from '../support/running-server.js';
import { imageNetNetwork, smallManifest } from '../support/small-networks.js';
import { enrolTrainableFaces } from '../support/trainable-enrolments.js';

/** The browser logs refusals, which this page shows in words. */
const refusals = /status of 4\d\d/u;

describe.skipIf(browserMissing !== undefined)('the page of learning', () => {
  let browser: Browser;
  let server: RunningServer;

  beforeAll(async () => {
    const enrol = async (dataFolder: string): Promise<void> => {
      const { database, keys } = await openTestDatabase({ databaseUrl: undefined, dataFolder });
      await enrolTrainableFaces(new CollectionStore(database), new EnrolledFaceStore(database, keys), 8, 4);
      await database.close();
    };
    [browser, server] = await Promise.all([
      startBrowser(),
      startRunningServer({ SYMFACE_ENCRYPTION_KEY: testEncryptionKey }, enrol),
    ]);
    await importSmallBackbone(server.address);
  });
  afterAll(async () => {
    await Promise.all([browser.close(), server.stop()]);
  });

  const open = async (path: string, options: Parameters<typeof openPage>[2] = {}) =>
    openPage(browser, `${server.httpUrl}/console/#/learning${path}`, { mayLog: refusals, ...options });

  it('says what to do before anything was asked for', async () => {
    const { page, close } = await open('');
    await page.getByText('Nothing was asked for yet').waitFor();
    await close();
  });

  it('trains, having shown what on, and tells what came of it and of its assessment', async () => {
    const { page, close } = await open('/retrain');
    await page.getByText('TRAINING_DATA_INSUFFICIENT').waitFor();
    expect(await page.getByRole('button', { name: 'Start the retraining' }).isDisabled()).toBe(true);
    await page.getByLabel('Model').selectOption({ label: await smallOption(page) });
    await page.getByText('More settings', { exact: true }).click();
    await page.getByLabel('Fewest identities').fill('6');
    await page.getByText('would begin').waitFor();
    await page.getByLabel('Epochs', { exact: true }).fill('4');
    await page.getByLabel('Batch size').fill('6');
    await page.getByLabel('Learning rate', { exact: true }).fill('0.01');
    await page.getByLabel('Find the learning rate').check();
    await page.getByLabel('Learning rate', { exact: true }).and(page.locator(':disabled')).waitFor();
    await page.getByLabel('Find the learning rate').uncheck();
    expect(await page.getByLabel('Learning rate', { exact: true }).inputValue()).toBe('0.01');
    await page.getByLabel('Learning rate', { exact: true }).fill('');
    const start = page.getByRole('button', { name: 'Start the retraining' });
    // Not before what was typed last was looked at.
    await page.waitForTimeout(500);
    await start.and(page.locator(':enabled')).waitFor();
    expect(await accessibilityFindings(page)).toEqual([]);
    await keepScreenshot(page, 'learning-retrain');
    await start.click();
    await page.getByRole('heading', { name: 'Progress' }).waitFor();
    await page.getByRole('heading', { name: 'What came of it' }).waitFor();
    await page.getByRole('img', { name: /^Losses/u }).waitFor();
    await page.getByRole('img', { name: /^True accept rate of identities held out/u }).waitFor();
    await page.getByRole('img', { name: /^Gain in true accept rate/u }).waitFor();
    expect(await accessibilityFindings(page)).toEqual([]);
    await keepScreenshot(page, 'learning-training');
    await close();
  });

  it('tells the verdict on a candidate, what each check found, and what to do', async () => {
    const { page, close } = await open('/retrain');
    await page.getByLabel('Model').selectOption({ label: await smallOption(page) });
    await page.getByText('More settings', { exact: true }).click();
    await page.getByLabel('Fewest identities').fill('6');
    await page.getByLabel('Share of the way').fill('0.5');
    await page.getByText('would begin').waitFor();
    await page.getByRole('button', { name: 'Start the retraining' }).click();
    await page.getByRole('link', { name: 'its assessment' }).click();
    await page.getByText('was rejected').waitFor();
    await page.getByRole('heading', { name: 'What each check found' }).waitFor();
    await page.getByRole('heading', { name: 'Side by side' }).waitFor();
    expect(await accessibilityFindings(page)).toEqual([]);
    await keepScreenshot(page, 'learning-assessment');
    await close();
  });

  it('cancels a job once that is confirmed', async () => {
    const { page, close } = await open('/retrain');
    await page.getByLabel('Model').selectOption({ label: await smallOption(page) });
    await page.getByText('More settings', { exact: true }).click();
    await page.getByLabel('Fewest identities').fill('6');
    await page.getByLabel('Epochs', { exact: true }).fill('1000');
    await page.getByText('would begin').waitFor();
    await page.getByRole('button', { name: 'Start the retraining' }).click();
    await page.getByRole('button', { name: 'Cancel' }).click();
    await page.keyboard.press('Escape');
    await page.getByRole('img', { name: /^Losses/u }).waitFor();
    await keepScreenshot(page, 'learning-progress');
    await page.getByRole('button', { name: 'Cancel' }).click();
    await page.getByRole('button', { name: 'Cancel the training' }).click();
    await page.getByText('cancelled', { exact: true }).waitFor();
    await close();
  });

  it('has no serious barrier in the dark, and fits a phone', async () => {
    const dark = await open('', { colorScheme: 'dark' });
    await dark.page.getByRole('link', { name: 'Training' }).first().waitFor();
    expect(await accessibilityFindings(dark.page)).toEqual([]);
    await keepScreenshot(dark.page, 'learning-jobs-dark');
    await dark.page.getByRole('link', { name: 'Training' }).last().click();
    await dark.page.getByRole('img', { name: /^Losses/u }).waitFor();
    expect(await accessibilityFindings(dark.page)).toEqual([]);
    await keepScreenshot(dark.page, 'learning-training-dark');
    await dark.close();
    const phone = await open('', { viewport: { width: 360, height: 740 } });
    await phone.page.getByRole('link', { name: 'Training' }).first().waitFor();
    expect(await sidewaysScrolled(phone.page)).toEqual([]);
    await phone.page.getByRole('link', { name: 'Training' }).last().click();
    await phone.page.getByRole('img', { name: /^Losses/u }).waitFor();
    await keepScreenshot(phone.page, 'learning-training-on-a-phone');
    await phone.page.getByText('Every network that was measured').click();
    await phone.page.getByRole('table', { name: /^Gains of the networks/u }).waitFor();
    expect(await sidewaysScrolled(phone.page)).toEqual([]);
    await phone.close();
  });

  it('follows a job by itself again once an outage is over', async () => {
    const { page, close } = await open('', { mayLog: /Failed to load resource/u });
    await page.route('**/symface.v1.JobService/WatchJob', async (route) => route.abort());
    await page.getByRole('link', { name: 'Training' }).last().click();
    await page.getByRole('alert').getByText('tried again by itself').waitFor();
    await page.unroute('**/symface.v1.JobService/WatchJob');
    await page.getByRole('heading', { name: 'What came of it' }).waitFor();
    expect(await page.getByRole('alert').count()).toBe(0);
    await close();
  });

  it('has a schedule whose next dates are shown while it is typed, and which is deleted once confirmed', async () => {
    const { page, close } = await open('/schedule');
    await page.getByText('Nothing is scheduled').waitFor();
    await page.getByLabel('By the clock').fill('0 3 * *');
    await page.getByText('five fields').waitFor();
    await page.getByLabel('By the clock').fill('0 3 * * 0');
    await page.getByLabel('Time zone').fill('Europe/Berlin');
    await page.getByText('Next, in Europe/Berlin').waitFor();
    expect(await page.locator('.next-times time').count()).toBe(5);
    expect(await accessibilityFindings(page)).toEqual([]);
    await keepScreenshot(page, 'learning-schedule');
    await page.getByRole('button', { name: 'Save the schedule' }).click();
    await page.getByRole('button', { name: 'Delete' }).click();
    await page.getByRole('button', { name: 'Keep it' }).click();
    await page.getByText('0 3 * * 0 in Europe/Berlin').waitFor();
    await page.getByRole('button', { name: 'Delete' }).click();
    await page.getByRole('button', { name: 'Delete the schedule' }).click();
    await page.getByText('Nothing is scheduled').waitFor();
    await close();
  });
});

async function smallOption(page: Page): Promise<string> {
  const option = page.getByRole('option', { name: /^small-/u }).first();
  await option.waitFor({ state: 'attached' });
  return (await option.textContent()) ?? '';
}

async function importSmallBackbone(address: string): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'symface-console-'));
  await writeFile(join(folder, 'small.onnx'), imageNetNetwork());
  await writeFile(join(folder, 'small.json'), JSON.stringify(smallManifest));
  const terminal = new RecordingTerminal();
  const command = ['models', 'import', join(folder, 'small.onnx'), '--manifest', join(folder, 'small.json')];
  const code = await runCommandLine(['--server', address, ...command], terminal);
  await rm(folder, { recursive: true });
  if (code !== 0) throw new Error(terminal.errLines.join('\n'));
}
