import { describe, expect, it } from 'vitest';

import { mergeSettings, settingAt } from './settings.js';

const base = {
  epochs: 2,
  loss: { name: 'arcface', scale: 32 },
  symmetry: { tau: 0.2, weight: 1 },
  learningRate: { initial: 0.1, dropEpochs: [17, 20] },
};

describe('mergeSettings', () => {
  it('merges at any depth, and leaves what it was given', () => {
    const before = structuredClone(base);
    expect(mergeSettings(base, { symmetry: { tau: 0.3 }, loss: { scale: 64 } })).toEqual({
      ...base,
      symmetry: { tau: 0.3, weight: 1 },
      loss: { name: 'arcface', scale: 64 },
    });
    expect(base).toEqual(before);
  });

  it('replaces lists and single values, and removes what is null', () => {
    expect(mergeSettings(base, { learningRate: { dropEpochs: [3] }, symmetry: null, epochs: 9 })).toEqual({
      epochs: 9,
      loss: base.loss,
      learningRate: { initial: 0.1, dropEpochs: [3] },
    });
    expect(mergeSettings({}, { symmetry: { tau: null, weight: 0 } })).toEqual({ symmetry: { weight: 0 } });
  });

  it('gives a thing of another name nothing of the one before', () => {
    expect(mergeSettings(base, { loss: { name: 'adaface', margin: 0.4 } })['loss']).toEqual({
      name: 'adaface',
      margin: 0.4,
    });
    expect(mergeSettings(base, { loss: { name: 'arcface', marginRadians: 0.5 } })['loss']).toEqual({
      name: 'arcface',
      scale: 32,
      marginRadians: 0.5,
    });
  });
});

it('a path leads to a setting', () => {
  expect(settingAt(['evaluate', 'heldOutPairs'], 10)).toEqual({ evaluate: { heldOutPairs: 10 } });
});
