import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { readDetectorConfiguration } from './detector-configuration.js';

let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'symface-detector-'));
});

afterAll(() => rm(folder, { recursive: true }));

async function written(text: string): Promise<string> {
  const path = join(folder, 'detector.yaml');
  await writeFile(path, text);
  return path;
}

const smallest = `kind: detector
name: mine
data: { labels: labels.jsonl, photographs: [{ path: photographs }] }
steps: 10
`;

describe('readDetectorConfiguration', () => {
  it('fills in what is not said, and knows where paths begin', async () => {
    const located = await readDetectorConfiguration(await written(smallest));
    expect(located?.folder).toBe(folder);
    expect(located?.configuration).toMatchObject({
      seed: 1,
      network: { width: 64, stemChannels: 16 },
      data: { sidePixels: 256, split: 'train' },
      learningRate: { initial: 0.002, warmUpSteps: 200 },
      minimumProbability: 0.5,
    });
  });

  it.each([
    ['retinaface-symface', 'retinaface', 256],
    ['face-close-up', 'close-up', 128],
  ])('reads the recipe of %s, which comes with SymFace', async (name, design, sidePixels) => {
    const recipe = fileURLToPath(new URL(`../../../recipes/shipped/${name}.yaml`, import.meta.url));
    const located = await readDetectorConfiguration(recipe);
    expect(located?.configuration).toMatchObject({ name, network: { design }, data: { sidePixels } });
  });

  it('leaves what is of another kind to others', async () => {
    expect(await readDetectorConfiguration(await written('name: mine\nepochs: 2\n'))).toBeUndefined();
  });

  it('lets the command line say otherwise', async () => {
    const path = await written(smallest);
    const located = await readDetectorConfiguration(path, ['steps=20', 'data.labels=/elsewhere.jsonl']);
    expect(located?.configuration).toMatchObject({ steps: 20, data: { labels: '/elsewhere.jsonl' } });
  });

  it.each([
    ['epochs: 3', /epochs/u],
    ['network: { width: 6 }', /network\.width/u],
    ['averageDecay: 2', /averageDecay/u],
  ])('refuses %s by name', async (line, named) => {
    const path = await written(smallest + line);
    await expect(readDetectorConfiguration(path)).rejects.toMatchObject({
      reason: 'INVALID_ARGUMENT',
      message: expect.stringMatching(named) as string,
    });
  });
});
