import type { Metadata } from '@grpc/grpc-js';
import { Controller, Inject, UseFilters } from '@nestjs/common';
import { GrpcMethod } from '@nestjs/microservices';
import { from, type Observable } from 'rxjs';
import { ManageAssessments } from './manage-assessments.js';
import type { CancelAssessmentRequest__Output } from '../../../generated/symface/v1/CancelAssessmentRequest.js';
import type { CancelAssessmentResponse } from '../../../generated/symface/v1/CancelAssessmentResponse.js';
import type { CreateAssessmentRequest__Output } from '../../../generated/symface/v1/CreateAssessmentRequest.js';
import type { CreateAssessmentResponse } from '../../../generated/symface/v1/CreateAssessmentResponse.js';
import type { GetAssessmentRequest__Output } from '../../../generated/symface/v1/GetAssessmentRequest.js';
import type { GetAssessmentResponse } from '../../../generated/symface/v1/GetAssessmentResponse.js';
import type { ListAssessmentsRequest__Output } from '../../../generated/symface/v1/ListAssessmentsRequest.js';
import type { ListAssessmentsResponse } from '../../../generated/symface/v1/ListAssessmentsResponse.js';
import type { WatchAssessmentRequest__Output } from '../../../generated/symface/v1/WatchAssessmentRequest.js';
import type { WatchAssessmentResponse } from '../../../generated/symface/v1/WatchAssessmentResponse.js';
import { assessmentId, readAssessmentPolicy, toAssessmentMessage } from './assessment-messages.js';
import { callerOf } from '../../access/call-caller.js';
import { FailureFilter } from '../../platform/grpc/failure.filter.js';
import { jobStates } from '../../jobs/job-states.js';
import { modelId } from '../../models/model-messages.js';

const service = 'AssessmentService';

/** symface.v1.AssessmentService: messages in, use cases, messages out. */
@UseFilters(FailureFilter)
@Controller()
export class AssessmentController {
  constructor(@Inject(ManageAssessments) private readonly assessments: ManageAssessments) {}

  @GrpcMethod(service, 'CreateAssessment')
  async create(
    { modelVersion, policy, activateWhenPassed }: CreateAssessmentRequest__Output,
    metadata: Metadata,
  ): Promise<CreateAssessmentResponse> {
    const candidate = modelId(modelVersion, 'model_version');
    const asked = { candidate, policy: readAssessmentPolicy(policy), activates: activateWhenPassed };
    return { assessment: toAssessmentMessage(await this.assessments.create(asked, callerOf(metadata))) };
  }

  @GrpcMethod(service, 'GetAssessment')
  async get({ name }: GetAssessmentRequest__Output): Promise<GetAssessmentResponse> {
    return { assessment: toAssessmentMessage(await this.assessments.get(assessmentId(name))) };
  }

  @GrpcMethod(service, 'ListAssessments')
  async list(request: ListAssessmentsRequest__Output): Promise<ListAssessmentsResponse> {
    const { modelVersion } = request;
    const candidate = modelVersion === '' ? undefined : modelId(modelVersion, 'model_version');
    const { items, nextPageToken = '' } = await this.assessments.list(request, candidate);
    return { assessments: items.map(toAssessmentMessage), nextPageToken };
  }

  @GrpcMethod(service, 'CancelAssessment')
  async cancel(
    { name }: CancelAssessmentRequest__Output,
    metadata: Metadata,
  ): Promise<CancelAssessmentResponse> {
    const cancelled = await this.assessments.cancel(assessmentId(name), callerOf(metadata));
    return { assessment: toAssessmentMessage(cancelled) };
  }

  @GrpcMethod(service, 'WatchAssessment')
  watch({ name }: WatchAssessmentRequest__Output): Observable<WatchAssessmentResponse> {
    const id = assessmentId(name);
    return from(
      jobStates(async () => {
        const run = await this.assessments.get(id);
        return {
          message: { assessment: toAssessmentMessage(run) },
          hasEnded: run.job.endTime !== undefined,
        };
      }),
    );
  }
}
