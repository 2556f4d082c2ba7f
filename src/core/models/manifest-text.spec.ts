import { readFile } from 'node:fs/promises';
import { expect, it } from 'vitest';
import { manifestText } from './manifest-text.js';

it('says what a manifest holds on a page or two, without its thousands of numbers', async () => {
  const shipped = new URL('../../../models/mobilefacenet-symface/shipped.json', import.meta.url);
  const { manifest } = JSON.parse(await readFile(shipped, 'utf8')) as { readonly manifest: object };
  const text = manifestText({ ...manifest, selfCheck: { seed: 1 } });
  expect(text).toMatch(/"similarityBands": "\d+ bands"/u);
  expect(text).not.toContain('selfCheck');
  expect(text.split('\n').length).toBeLessThan(120);
});
