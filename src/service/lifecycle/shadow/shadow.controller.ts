import type { Metadata } from '@grpc/grpc-js';
import { Controller, Inject, UseFilters } from '@nestjs/common';
import { GrpcMethod } from '@nestjs/microservices';
import { ManageShadows } from './manage-shadows.js';
import { type Shadow as DomainShadow, shadowMetrics } from './shadow.js';
import type { ListShadowsResponse } from '../../../generated/symface/v1/ListShadowsResponse.js';
import type { Shadow } from '../../../generated/symface/v1/Shadow.js';
import type { StartShadowRequest__Output } from '../../../generated/symface/v1/StartShadowRequest.js';
import type { StartShadowResponse } from '../../../generated/symface/v1/StartShadowResponse.js';
import type { StopShadowRequest__Output } from '../../../generated/symface/v1/StopShadowRequest.js';
import type { StopShadowResponse } from '../../../generated/symface/v1/StopShadowResponse.js';
import { callerOf } from '../../access/call-caller.js';
import { FailureFilter } from '../../platform/grpc/failure.filter.js';
import { modelId, modelName } from '../../platform/grpc/resource-names.js';

const service = 'AssessmentService';

/** Candidates in the shadow of the serving model, in symface.v1.AssessmentService. */
@UseFilters(FailureFilter)
@Controller()
export class ShadowController {
  constructor(@Inject(ManageShadows) private readonly shadows: ManageShadows) {}

  @GrpcMethod(service, 'StartShadow')
  async start(
    { modelVersion, share }: StartShadowRequest__Output,
    metadata: Metadata,
  ): Promise<StartShadowResponse> {
    const candidate = modelId(modelVersion, 'model_version');
    return { shadow: toShadowMessage(await this.shadows.start(candidate, share, callerOf(metadata))) };
  }

  @GrpcMethod(service, 'StopShadow')
  async stop(_request: StopShadowRequest__Output, metadata: Metadata): Promise<StopShadowResponse> {
    const stopped = await this.shadows.stop(callerOf(metadata));
    return { shadow: stopped === undefined ? null : toShadowMessage(stopped) };
  }

  @GrpcMethod(service, 'ListShadows')
  async list(): Promise<ListShadowsResponse> {
    return { shadows: (await this.shadows.list()).map(toShadowMessage) };
  }
}

function toShadowMessage({ candidate, share, startTime, stopTime, counts }: DomainShadow): Shadow {
  const figures = shadowMetrics(counts);
  return {
    modelVersion: modelName(candidate),
    running: stopTime === undefined,
    share,
    matchedByBothCount: counts.matchedByBoth,
    matchedByNeitherCount: counts.matchedByNeither,
    matchedByServingOnlyCount: counts.matchedByServingOnly,
    matchedByCandidateOnlyCount: counts.matchedByCandidateOnly,
    failedCount: counts.failed,
    droppedCount: counts.dropped,
    ...(figures && {
      flipRate: figures.flipRate,
      flipRateInterval: figures.flipRateInterval,
      servingLatencyMs: figures.meanServingMs,
      candidateLatencyMs: figures.meanCandidateMs,
    }),
    startTime: startTime.toISOString(),
    stopTime: stopTime?.toISOString() ?? '',
  };
}
