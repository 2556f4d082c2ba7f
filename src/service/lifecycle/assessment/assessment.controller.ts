import type { Metadata } from '@grpc/grpc-js';
import { Controller, Inject, UseFilters } from '@nestjs/common';
import { GrpcMethod } from '@nestjs/microservices';
import { CreateAssessment } from './create-assessment.js';
import type { CreateAssessmentRequest__Output } from '../../../generated/symface/v1/CreateAssessmentRequest.js';
import type { CreateAssessmentResponse } from '../../../generated/symface/v1/CreateAssessmentResponse.js';
import { toJobMessage } from '../../jobs/job-messages.js';
import { modelId } from '../../platform/grpc/resource-names.js';
import { readAssessmentPolicy, toAssessmentMessage } from './assessment-messages.js';
import { callerOf } from '../../access/call-caller.js';
import { FailureFilter } from '../../platform/grpc/failure.filter.js';

/** Assessments in symface.v1.AssessmentService. */
@UseFilters(FailureFilter)
@Controller()
export class AssessmentController {
  constructor(@Inject(CreateAssessment) private readonly assessment: CreateAssessment) {}

  @GrpcMethod('AssessmentService', 'CreateAssessment')
  async create(
    { modelVersion, policy, activateWhenPassed }: CreateAssessmentRequest__Output,
    metadata: Metadata,
  ): Promise<CreateAssessmentResponse> {
    const candidate = modelId(modelVersion, 'model_version');
    const request = { candidate, policy: readAssessmentPolicy(policy), activateWhenPassed };
    const job = await this.assessment.execute(request, callerOf(metadata));
    return { job: toJobMessage(job, { assessment: toAssessmentMessage(job) }) };
  }
}
