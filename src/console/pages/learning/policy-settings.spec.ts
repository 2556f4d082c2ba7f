import { describe, expect, it } from 'vitest';
import {
  retrainingSettingNames,
  retrainingSettings,
} from '../../../service/lifecycle/retraining/retraining-policy.js';
import { TrainingLoss } from '../../generated/symface/v1/training_pb.js';
import { draftOf, emptyDraft, policyOf, policySettingNames, policySettings } from './policy-settings.js';

describe('the settings of a training as a form has them', () => {
  it('are those of the service, with its defaults and bounds', () => {
    expect([...policySettingNames].sort()).toEqual([...retrainingSettingNames].sort());
    for (const name of retrainingSettingNames) {
      const {
        default: usual,
        from,
        to,
      }: { readonly default?: number; readonly from: number; readonly to: number } = retrainingSettings[name];
      expect(policySettings[name]).toMatchObject({
        from,
        to,
        // What it does where it has no number: "found", "all".
        default: usual ?? (expect.any(String) as string),
      });
    }
  });

  it('state nothing that is left empty', () => {
    const findLearningRate = false;
    expect(policyOf(emptyDraft)).toEqual({ loss: TrainingLoss.UNSPECIFIED, findLearningRate });
    const loss = TrainingLoss.COSFACE;
    const numbers = { epochs: '5', trainedShare: ' ' };
    expect(policyOf({ numbers, loss, findLearningRate })).toEqual({ epochs: 5, loss, findLearningRate });
  });

  it('state no learning rate where it is to be found', () => {
    const draft = { ...emptyDraft, numbers: { learningRate: '0.1' }, findLearningRate: true };
    expect(policyOf(draft)).toEqual({ loss: TrainingLoss.UNSPECIFIED, findLearningRate: true });
  });

  it('come back from a policy', () => {
    const rest = { loss: TrainingLoss.ARCFACE, findLearningRate: true };
    expect(draftOf({ epochs: 5, tau: 0, ...rest })).toEqual({ numbers: { epochs: '5', tau: '0' }, ...rest });
  });
});
