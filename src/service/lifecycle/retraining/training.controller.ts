import { Controller, Inject, UseFilters } from '@nestjs/common';
import { GrpcMethod } from '@nestjs/microservices';
import { from, type Observable } from 'rxjs';
import type { Metadata } from '@grpc/grpc-js';
import { ManageTrainingJobs } from './manage-training-jobs.js';
import type { CancelTrainingJobRequest__Output } from '../../../generated/symface/v1/CancelTrainingJobRequest.js';
import type { CancelTrainingJobResponse } from '../../../generated/symface/v1/CancelTrainingJobResponse.js';
import type { CreateTrainingJobRequest__Output } from '../../../generated/symface/v1/CreateTrainingJobRequest.js';
import type { CreateTrainingJobResponse } from '../../../generated/symface/v1/CreateTrainingJobResponse.js';
import type { GetTrainingJobRequest__Output } from '../../../generated/symface/v1/GetTrainingJobRequest.js';
import type { GetTrainingJobResponse } from '../../../generated/symface/v1/GetTrainingJobResponse.js';
import type { ListTrainingJobsRequest__Output } from '../../../generated/symface/v1/ListTrainingJobsRequest.js';
import type { ListTrainingJobsResponse } from '../../../generated/symface/v1/ListTrainingJobsResponse.js';
import type { WatchTrainingJobRequest__Output } from '../../../generated/symface/v1/WatchTrainingJobRequest.js';
import type { WatchTrainingJobResponse } from '../../../generated/symface/v1/WatchTrainingJobResponse.js';
import { callerOf } from '../../access/call-caller.js';
import { FailureFilter } from '../../platform/grpc/failure.filter.js';
import { jobStates } from '../../jobs/job-states.js';
import { modelId } from '../../models/model-messages.js';
import { readPolicy, toTrainingJobMessage, trainingJobId } from './training-messages.js';

const service = 'TrainingService';

/** symface.v1.TrainingService: messages in, use cases, messages out. */
@UseFilters(FailureFilter)
@Controller()
export class TrainingController {
  constructor(@Inject(ManageTrainingJobs) private readonly jobs: ManageTrainingJobs) {}

  @GrpcMethod(service, 'CreateTrainingJob')
  async createTrainingJob(
    { parentModelVersion, policy, activateWhenPassed }: CreateTrainingJobRequest__Output,
    metadata: Metadata,
  ): Promise<CreateTrainingJobResponse> {
    const parent = parentModelVersion === '' ? undefined : modelId(parentModelVersion);
    const request = { parent, policy: readPolicy(policy), activateWhenPassed };
    const job = await this.jobs.create(request, callerOf(metadata));
    return { trainingJob: toTrainingJobMessage(job) };
  }

  @GrpcMethod(service, 'GetTrainingJob')
  async getTrainingJob({ name }: GetTrainingJobRequest__Output): Promise<GetTrainingJobResponse> {
    return { trainingJob: toTrainingJobMessage(await this.jobs.get(trainingJobId(name))) };
  }

  @GrpcMethod(service, 'ListTrainingJobs')
  async listTrainingJobs(request: ListTrainingJobsRequest__Output): Promise<ListTrainingJobsResponse> {
    const { items, nextPageToken = '' } = await this.jobs.list(request);
    return { trainingJobs: items.map(toTrainingJobMessage), nextPageToken };
  }

  @GrpcMethod(service, 'CancelTrainingJob')
  async cancelTrainingJob(
    { name }: CancelTrainingJobRequest__Output,
    metadata: Metadata,
  ): Promise<CancelTrainingJobResponse> {
    const job = await this.jobs.cancel(trainingJobId(name), callerOf(metadata));
    return { trainingJob: toTrainingJobMessage(job) };
  }

  @GrpcMethod(service, 'WatchTrainingJob')
  watchTrainingJob({ name }: WatchTrainingJobRequest__Output): Observable<WatchTrainingJobResponse> {
    const id = trainingJobId(name);
    return from(
      jobStates(async () => {
        const job = await this.jobs.get(id);
        return {
          message: { trainingJob: toTrainingJobMessage(job) },
          hasEnded: job.endTime !== undefined,
        };
      }),
    );
  }
}
