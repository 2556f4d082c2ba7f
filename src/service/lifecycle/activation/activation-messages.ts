import type { Job } from '../../jobs/job.js';
import { type ActivationPhase as Phase, orderOf, progressOf, resultOf } from './activation.js';
import type { Activation } from '../../../generated/symface/v1/Activation.js';
import type { ActivationPhase } from '../../../generated/symface/v1/ActivationPhase.js';
import { modelName } from '../../platform/grpc/resource-names.js';

const phases = {
  loading: 'ACTIVATION_PHASE_LOADING',
  're-embedding': 'ACTIVATION_PHASE_RE_EMBEDDING',
  switching: 'ACTIVATION_PHASE_SWITCHING',
  removing: 'ACTIVATION_PHASE_REMOVING',
} as const satisfies Record<Phase, ActivationPhase>;

/** What clients see of the work of an activation job. */
export function toActivationMessage({ input, progress, output }: Job): Activation {
  const { modelVersion, isRollBack, skipsAssessment, withoutThreshold } = orderOf(input);
  const { phase, faceCount, embeddedCount, leftCount } = progressOf(progress);
  const { previousId } = resultOf(output);
  return {
    modelVersion: modelName(modelVersion),
    rollBack: isRollBack,
    skipAssessment: skipsAssessment,
    withoutThreshold,
    phase: progress === null ? 'ACTIVATION_PHASE_UNSPECIFIED' : phases[phase],
    faceCount,
    embeddedFaceCount: embeddedCount,
    leftFaceCount: leftCount,
    previousModelVersion: previousId === undefined ? '' : modelName(previousId),
  };
}
