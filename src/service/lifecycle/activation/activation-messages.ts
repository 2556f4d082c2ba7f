import type { Activation as DomainActivation } from './manage-activations.js';
import type { JobState } from '../../jobs/job.js';
import type { ActivationPhase as Phase } from './activation.js';
import type { Activation } from '../../../generated/symface/v1/Activation.js';
import type { ActivationPhase } from '../../../generated/symface/v1/ActivationPhase.js';
import type { ActivationState } from '../../../generated/symface/v1/ActivationState.js';
import { modelName } from '../../models/model-messages.js';
import { readUuidName } from '../../platform/grpc/request-fields.js';

const states = {
  queued: 'ACTIVATION_STATE_QUEUED',
  running: 'ACTIVATION_STATE_RUNNING',
  succeeded: 'ACTIVATION_STATE_SUCCEEDED',
  failed: 'ACTIVATION_STATE_FAILED',
  cancelled: 'ACTIVATION_STATE_CANCELLED',
} as const satisfies Record<JobState, ActivationState>;

const phases = {
  loading: 'ACTIVATION_PHASE_LOADING',
  're-embedding': 'ACTIVATION_PHASE_RE_EMBEDDING',
  switching: 'ACTIVATION_PHASE_SWITCHING',
  removing: 'ACTIVATION_PHASE_REMOVING',
} as const satisfies Record<Phase, ActivationPhase>;

export function activationName(id: string): string {
  return `activations/${id}`;
}

/** @throws Failure INVALID_ARGUMENT unless the name is "activations/{id}" */
export function activationId(name: string): string {
  return readUuidName(name, 'activations', 'name');
}

export function toActivationMessage(activation: DomainActivation): Activation {
  const { id, order, state, progress, previousId, failure, createTime, endTime } = activation;
  return {
    name: activationName(id),
    modelVersion: modelName(order.modelVersion),
    state: states[state],
    phase: phases[progress.phase],
    faceCount: progress.faceCount,
    embeddedFaceCount: progress.embeddedCount,
    previousModelVersion: previousId === undefined ? '' : modelName(previousId),
    rollBack: order.isRollBack,
    actor: order.actor,
    // Of an attempt that was made good, nobody needs to know.
    failureReason: state === 'succeeded' ? '' : (failure?.reason ?? ''),
    failureMessage: state === 'succeeded' ? '' : (failure?.message ?? ''),
    createTime: createTime.toISOString(),
    endTime: endTime?.toISOString() ?? '',
  };
}
