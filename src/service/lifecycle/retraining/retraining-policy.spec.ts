import { describe, expect, it } from 'vitest';

import { Failure } from '../../../core/failure.js';
import { defaultRetrainingPolicy, retrainingPolicy } from './retraining-policy.js';

describe('retrainingPolicy', () => {
  it('takes what is given, and its defaults are within its own bounds', () => {
    expect(retrainingPolicy({})).toEqual(defaultRetrainingPolicy);
    expect(retrainingPolicy({ epochs: 3, loss: 'adaface' })).toEqual({
      ...defaultRetrainingPolicy,
      epochs: 3,
      loss: 'adaface',
    });
  });

  it('names everything that is out of bounds at once', () => {
    const refused = (): unknown => retrainingPolicy({ epochs: 0.5, minimumIdentities: 3, learningRate: NaN });
    expect(refused).toThrow(Failure);
    try {
      refused();
    } catch (error) {
      const { reason, fieldViolations } = error as Failure;
      expect(reason).toBe('INVALID_ARGUMENT');
      expect(fieldViolations.map(({ field }) => field)).toEqual([
        'policy.epochs',
        'policy.learning_rate',
        'policy.minimum_identities',
      ]);
    }
  });

  it('has how far to go found where it does not say', () => {
    expect(retrainingPolicy({}).trainedShare).toBeUndefined();
    expect(retrainingPolicy({ trainedShare: 0.5 }).trainedShare).toBe(0.5);
    // The parent itself is no candidate.
    expect(() => retrainingPolicy({ trainedShare: 0 })).toThrow(/trained_share/u);
  });

  it('replays as many identities as there are where it does not say', () => {
    expect(retrainingPolicy({}).replayIdentities).toBeUndefined();
    expect(retrainingPolicy({ replayIdentities: 0 }).replayIdentities).toBe(0);
    expect(() => retrainingPolicy({ replayIdentities: -1 })).toThrow(/replay_identities/u);
  });

  it('wants something of the network to be trained in the end', () => {
    expect(retrainingPolicy({ headEpochs: 2 }).headEpochs).toBe(2);
    expect(() => retrainingPolicy({ headEpochs: 3 })).toThrow(/head_epochs must be below epochs, 3/u);
    expect(() => retrainingPolicy({ trainedLayers: 0 })).toThrow(/trained_layers/u);
  });

  it('has a learning rate said or found', () => {
    expect(retrainingPolicy({ findLearningRate: true }).findLearningRate).toBe(true);
    expect(() => retrainingPolicy({ findLearningRate: true, learningRate: 1e-3 })).toThrow(
      /find_learning_rate/u,
    );
  });

  it('wants pairs of halves to fit into a batch', () => {
    expect(() => retrainingPolicy({ batchSize: 33 })).toThrow(/batch_size must be even/u);
    expect(retrainingPolicy({ batchSize: 33, splitFraction: 0 }).batchSize).toBe(33);
  });
});
