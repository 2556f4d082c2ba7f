import { expect, it } from 'vitest';

import { contractDefinition } from '../../../generated/contract-definition.js';
import { FACE_LOSS_NAMES } from '../../../learning/losses/face-losses.js';
import { lossMessage, retrainingLosses } from './retraining-losses.js';

it('are all that there are, in the policy as in the contract', () => {
  expect([...retrainingLosses].sort()).toEqual([...FACE_LOSS_NAMES].sort());
  const inContract = Object.keys(lossEnumeration()).filter((name) => name !== 'TRAINING_LOSS_UNSPECIFIED');
  expect(retrainingLosses.map(lossMessage).sort()).toEqual(inContract.sort());
});

/** The numbers of the contract's TrainingLoss by their names. */
function lossEnumeration(): object {
  const symface = contractDefinition.nested?.['symface'] as typeof contractDefinition | undefined;
  const v1 = symface?.nested?.['v1'] as typeof contractDefinition | undefined;
  const found = v1?.nested?.['TrainingLoss'];
  if (found === undefined || !('values' in found)) throw new Error('the contract has no enum TrainingLoss');
  return found.values;
}
