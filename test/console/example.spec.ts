import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { browserMissing, startBrowser } from '../support/browser.js';
import { photographOfAnotherPerson, photographOfOnePerson } from '../support/npm-photographs.js';
import { type RunningServer, startRunningServer } from '../support/running-server.js';

describe.skipIf(browserMissing !== undefined)('examples/verify.html', () => {
  let site: Server;
  let browser: Browser;
  let service: RunningServer;

  beforeAll(async () => {
    const html = await readFile(new URL('../../examples/verify.html', import.meta.url));
    site = createServer((_request, response) => {
      response.writeHead(200, { 'Content-Type': 'text/html' }).end(html);
    }).listen(0, '127.0.0.1');
    await once(site, 'listening');
    service = await startRunningServer({ SYMFACE_HTTP_ORIGINS: origin('localhost') });
    browser = await startBrowser();
  });
  afterAll(async () => {
    site.close();
    await browser.close();
    await service.stop();
  });

  const origin = (name: string): string => `http://${name}:${(site.address() as AddressInfo).port}`;

  /** What the page of this name says of two photographs, or undefined where the browser did not let it call. */
  async function verdictAt(name: string, one: Buffer, other: Buffer): Promise<string | null | undefined> {
    const page = await browser.newPage();
    await page.goto(`${origin(name)}/?service=${service.httpUrl}`);
    const file = (buffer: Buffer) => ({ name: 'face.jpg', mimeType: 'image/jpeg', buffer });
    await page.getByLabel('One').setInputFiles(file(one));
    await page.getByLabel('Other').setInputFiles(file(other));
    const errors: string[] = [];
    page.on('pageerror', ({ message }) => {
      errors.push(message);
    });
    await page.getByRole('button', { name: 'Verify' }).click();
    const verdict = await vi.waitFor(
      async () => {
        const said = await page.locator('output').textContent();
        if (said === '' && errors.length === 0) throw new Error('the page says nothing yet');
        return errors.length > 0 ? undefined : said;
      },
      { timeout: 10_000, interval: 50 },
    );
    await page.close();
    return verdict;
  }

  it('verifies two photographs from a page of an allowed origin, and shows reasons', async () => {
    const [one, other] = await Promise.all([photographOfOnePerson(), photographOfAnotherPerson()]);
    expect(await verdictAt('localhost', one, one)).toBe('match 1.0000');
    expect(await verdictAt('localhost', one, other)).toMatch(/^no match -?0\.\d{4}$/u);
    expect(await verdictAt('localhost', one, Buffer.from('no image'))).toMatch(
      /^IMAGE_FORMAT_UNSUPPORTED: /u,
    );
  });

  it('is not let in from a page of another origin', async () => {
    const photograph = await photographOfOnePerson();
    expect(await verdictAt('127.0.0.1', photograph, photograph)).toBeUndefined();
  });
});
