import { describe, expect, it } from 'vitest';

import { smallBackbone } from '../../../test/support/small-training-spec.js';
import { lastLayers, trainingStages } from './training-stages.js';

describe('trainingStages', () => {
  it('is one where nothing is frozen, else begins with the head alone', () => {
    expect(trainingStages(3, { headEpochs: 0, trainedLayers: 1 })).toEqual([
      { trainedLayers: 1, untilEpoch: 3 },
    ]);
    expect(trainingStages(5, { headEpochs: 2, trainedLayers: 0.3 })).toEqual([
      { trainedLayers: 0, untilEpoch: 2 },
      { trainedLayers: 0.3, untilEpoch: 5 },
    ]);
  });
});

describe('lastLayers', () => {
  const { parameters } = smallBackbone();
  const namesOf = (share: number): readonly string[] => lastLayers(parameters, share).map(({ name }) => name);
  const filters = parameters.filter(({ name }) => name.endsWith('.filter'));

  it('is all for 1 and none for 0', () => {
    expect(lastLayers(parameters, 1)).toBe(parameters);
    expect(namesOf(0)).toEqual([]);
  });

  it('is a share of the layers, each with its norm, from the end', () => {
    const half = namesOf(0.5);
    expect(half[0]).toMatch(/\.filter$/u);
    expect(half.filter((name) => name.endsWith('.filter'))).toHaveLength(Math.round(filters.length / 2));
    expect(half).toEqual(parameters.slice(-half.length).map(({ name }) => name));
  });

  it('is one layer at least', () => {
    expect(namesOf(1e-9)[0]).toBe(filters.at(-1)?.name);
  });
});
