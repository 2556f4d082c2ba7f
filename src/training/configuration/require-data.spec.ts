import { expect, it } from 'vitest';
import { requireData } from './require-data.js';
import { readTrainingConfiguration } from './training-configuration.js';

const recipe = 'recipes/experiments/small-base.yaml';

it('says where the data of a recipe was looked for, and how another place is named', async () => {
  const located = await readTrainingConfiguration(recipe, ['data.path=/nowhere/faces']);
  await expect(requireData(located)).rejects.toThrow(
    /no data at \/nowhere\/faces \(ENOENT\).*--set data\.path=/u,
  );
});

it('takes data that is there', async () => {
  await expect(
    requireData(await readTrainingConfiguration(recipe, ['data.path=src'])),
  ).resolves.toBeUndefined();
});
