import type { DataKey } from '../../generated/symface/v1/DataKey.js';
import type { KeyRotation } from '../../generated/symface/v1/KeyRotation.js';
import type { Job } from '../jobs/job.js';
import type { DataKeyStatus } from './encryption-status.js';
import { rotationInputOf, rotationProgressOf } from './key-rotation.js';

export function toDataKeyMessage(key: DataKeyStatus): DataKey {
  return {
    number: key.number,
    masterKeyId: key.masterKeyId,
    createTime: key.createTime.toISOString(),
    retireTime: key.retireTime?.toISOString() ?? '',
    cropCount: key.crops,
    templateCount: key.templates,
    measurementCount: key.measurements,
    trainingCount: key.trainings,
  };
}

export function toKeyRotationMessage(job: Job): KeyRotation {
  const progress = rotationProgressOf(job);
  const phases = { sealing: 'KEY_ROTATION_PHASE_SEALING', waiting: 'KEY_ROTATION_PHASE_WAITING' } as const;
  return {
    dataKey: rotationInputOf(job).dataKey,
    phase: progress === undefined ? 'KEY_ROTATION_PHASE_UNSPECIFIED' : phases[progress.phase],
    valueCount: progress?.values ?? 0,
    sealedValueCount: progress?.sealed ?? 0,
    damagedValueCount: progress?.damaged ?? 0,
    waitingTrainingCount: progress?.trainings ?? 0,
    destroyedDataKeys: [...(progress?.destroyed ?? [])],
  };
}
