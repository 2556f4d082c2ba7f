import type { Metadata } from '@grpc/grpc-js';
import { Controller, Inject, UseFilters } from '@nestjs/common';
import { GrpcMethod } from '@nestjs/microservices';
import { CreateActivation } from './create-activation.js';
import type { CreateActivationRequest__Output } from '../../../generated/symface/v1/CreateActivationRequest.js';
import type { CreateActivationResponse } from '../../../generated/symface/v1/CreateActivationResponse.js';
import type { RollBackActivationRequest__Output } from '../../../generated/symface/v1/RollBackActivationRequest.js';
import type { RollBackActivationResponse } from '../../../generated/symface/v1/RollBackActivationResponse.js';
import { toJobMessage } from '../../jobs/job-messages.js';
import { modelId } from '../../platform/grpc/resource-names.js';
import { toActivationMessage } from './activation-messages.js';
import { callerOf } from '../../access/call-caller.js';
import { FailureFilter } from '../../platform/grpc/failure.filter.js';

const service = 'ModelService';

/** Changes of what serves, in symface.v1.ModelService. */
@UseFilters(FailureFilter)
@Controller()
export class ActivationController {
  constructor(@Inject(CreateActivation) private readonly activation: CreateActivation) {}

  @GrpcMethod(service, 'CreateActivation')
  async create(
    { modelVersion, skipAssessment, allowWithoutThreshold }: CreateActivationRequest__Output,
    metadata: Metadata,
  ): Promise<CreateActivationResponse> {
    const id = modelId(modelVersion, 'model_version');
    const rules = { assessment: skipAssessment ? 'skipped' : 'required', allowWithoutThreshold } as const;
    const job = await this.activation.execute(id, callerOf(metadata), rules);
    return { job: toJobMessage(job, { activation: toActivationMessage(job) }) };
  }

  @GrpcMethod(service, 'RollBackActivation')
  async rollBack(
    _request: RollBackActivationRequest__Output,
    metadata: Metadata,
  ): Promise<RollBackActivationResponse> {
    const job = await this.activation.rollBack(callerOf(metadata));
    return { job: toJobMessage(job, { activation: toActivationMessage(job) }) };
  }
}
