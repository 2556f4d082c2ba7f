import type { Metadata } from '@grpc/grpc-js';
import { Controller, Inject, UseFilters } from '@nestjs/common';
import { GrpcMethod } from '@nestjs/microservices';
import { CreateTraining } from './create-training.js';
import type { CreateTrainingRequest__Output } from '../../../generated/symface/v1/CreateTrainingRequest.js';
import type { CreateTrainingResponse } from '../../../generated/symface/v1/CreateTrainingResponse.js';
import { toJobMessage } from '../../jobs/job-messages.js';
import { modelId } from '../../platform/grpc/resource-names.js';
import { callerOf } from '../../access/call-caller.js';
import { FailureFilter } from '../../platform/grpc/failure.filter.js';
import { readPolicy, toPreviewMessage, toTrainingMessage } from './training-messages.js';

/** Trainings in symface.v1.TrainingService. */
@UseFilters(FailureFilter)
@Controller()
export class TrainingController {
  constructor(@Inject(CreateTraining) private readonly training: CreateTraining) {}

  @GrpcMethod('TrainingService', 'CreateTraining')
  async create(
    { parentModelVersion, policy, activateWhenPassed, validateOnly }: CreateTrainingRequest__Output,
    metadata: Metadata,
  ): Promise<CreateTrainingResponse> {
    const parent = parentModelVersion === '' ? undefined : modelId(parentModelVersion);
    const request = { parent, policy: readPolicy(policy), activateWhenPassed };
    const caller = callerOf(metadata);
    if (validateOnly) return { data: toPreviewMessage(await this.training.preview(request)) };
    const job = await this.training.execute(request, caller);
    return { job: toJobMessage(job, { training: toTrainingMessage(job, 'summary') }) };
  }
}
