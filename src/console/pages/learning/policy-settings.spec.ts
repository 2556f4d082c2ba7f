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
        ...(usual === undefined ? {} : { default: usual }),
      });
    }
  });

  it('state nothing that is left empty', () => {
    expect(policyOf(emptyDraft)).toEqual({ loss: TrainingLoss.UNSPECIFIED });
    expect(policyOf({ numbers: { epochs: '5', trainedShare: ' ' }, loss: TrainingLoss.COSFACE })).toEqual({
      epochs: 5,
      loss: TrainingLoss.COSFACE,
    });
  });

  it('come back from a policy', () => {
    const draft = { numbers: { epochs: '5', tau: '0' }, loss: TrainingLoss.ARCFACE };
    expect(draftOf({ epochs: 5, tau: 0, loss: TrainingLoss.ARCFACE })).toEqual(draft);
  });
});
