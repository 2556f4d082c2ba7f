import { Controller, Inject, UseFilters } from '@nestjs/common';
import { GrpcMethod } from '@nestjs/microservices';
import type { Metadata, ServerUnaryCall } from '@grpc/grpc-js';
import { ShowWorstPairs } from './show-worst-pairs.js';
import { CalibrateEnrolledFaces } from './calibrate-enrolled-faces.js';
import { CalibrateModel } from './calibrate-model.js';
import type { CalibrateFromEnrolledFacesRequest__Output } from '../../generated/symface/v1/CalibrateFromEnrolledFacesRequest.js';
import type { CalibrateFromEnrolledFacesResponse } from '../../generated/symface/v1/CalibrateFromEnrolledFacesResponse.js';
import type { CalibrateModelVersionRequest__Output } from '../../generated/symface/v1/CalibrateModelVersionRequest.js';
import type { CalibrateModelVersionResponse } from '../../generated/symface/v1/CalibrateModelVersionResponse.js';
import type { CompareBenchmarkRunsRequest__Output } from '../../generated/symface/v1/CompareBenchmarkRunsRequest.js';
import type { CompareBenchmarkRunsResponse } from '../../generated/symface/v1/CompareBenchmarkRunsResponse.js';
import type { GetModelCalibrationRequest__Output } from '../../generated/symface/v1/GetModelCalibrationRequest.js';
import type { GetModelCalibrationResponse } from '../../generated/symface/v1/GetModelCalibrationResponse.js';
import type { ListWorstPairsRequest__Output } from '../../generated/symface/v1/ListWorstPairsRequest.js';
import type { ListWorstPairsResponse } from '../../generated/symface/v1/ListWorstPairsResponse.js';
import {
  toCalibrationMessage,
  toComparisonMessage,
  toRecordedCalibrationMessage,
  toWorstPairMessage,
} from './calibration-messages.js';
import { callerOf } from '../access/call-caller.js';
import { withCallControl } from '../platform/grpc/call-signal.js';
import { CompareBenchmarkRuns } from './compare-benchmark-runs.js';
import { FailureFilter } from '../platform/grpc/failure.filter.js';
import { GRPC_SETTINGS, type GrpcSettings } from '../platform/grpc/grpc-settings.js';
import { benchmarkRunId, modelId } from '../platform/grpc/resource-names.js';
import { parseCollectionName } from '../platform/resource-names.js';

const service = 'BenchmarkService';

/** symface.v1.BenchmarkService, as far as it draws conclusions from measurements. */
@UseFilters(FailureFilter)
@Controller()
export class ModelComparisonController {
  constructor(
    @Inject(CompareBenchmarkRuns) private readonly comparison: CompareBenchmarkRuns,
    @Inject(ShowWorstPairs) private readonly worstPairs: ShowWorstPairs,
    @Inject(CalibrateModel) private readonly calibration: CalibrateModel,
    @Inject(CalibrateEnrolledFaces) private readonly enrolled: CalibrateEnrolledFaces,
    @Inject(GRPC_SETTINGS) private readonly settings: GrpcSettings,
  ) {}

  @GrpcMethod(service, 'CompareBenchmarkRuns')
  async compareBenchmarkRuns(
    request: CompareBenchmarkRunsRequest__Output,
  ): Promise<CompareBenchmarkRunsResponse> {
    const ids = [benchmarkRunId(request.first, 'first'), benchmarkRunId(request.second, 'second')] as const;
    return toComparisonMessage(await this.comparison.execute(...ids));
  }

  @GrpcMethod(service, 'ListWorstPairs')
  async listWorstPairs(
    request: ListWorstPairsRequest__Output,
    _metadata: Metadata,
    call: ServerUnaryCall<ListWorstPairsRequest__Output, ListWorstPairsResponse>,
  ): Promise<ListWorstPairsResponse> {
    const id = benchmarkRunId(request.benchmarkRun, 'benchmark_run');
    const pairs = await withCallControl(call, this.settings.defaultDeadlineMs, (control) =>
      this.worstPairs.execute(id, control),
    );
    return {
      falseMatches: pairs.falseMatches.map(toWorstPairMessage),
      falseNonMatches: pairs.falseNonMatches.map(toWorstPairMessage),
    };
  }

  @GrpcMethod(service, 'CalibrateModelVersion')
  async calibrateModelVersion(
    { benchmarkRun, allowUnsupportedRate }: CalibrateModelVersionRequest__Output,
    metadata: Metadata,
  ): Promise<CalibrateModelVersionResponse> {
    const id = benchmarkRunId(benchmarkRun, 'benchmark_run');
    const options = { allowUnsupportedRate, requester: callerOf(metadata) };
    return { calibration: toCalibrationMessage(await this.calibration.execute(id, options)) };
  }

  @GrpcMethod(service, 'CalibrateFromEnrolledFaces')
  async calibrateFromEnrolledFaces(
    { modelVersion, collection, allowUnsupportedRate }: CalibrateFromEnrolledFacesRequest__Output,
    metadata: Metadata,
  ): Promise<CalibrateFromEnrolledFacesResponse> {
    const caller = callerOf(metadata);
    const request = {
      modelVersion: modelVersion === '' ? undefined : modelId(modelVersion, 'model_version'),
      collection:
        collection === '' ? undefined : parseCollectionName(collection, caller.tenant, 'collection'),
      allowUnsupportedRate,
    };
    const { calibration, unmeasuredCount, ...counts } = await this.enrolled.execute(request, caller);
    return {
      ...counts,
      unmeasuredFaceCount: unmeasuredCount,
      calibration: toCalibrationMessage(calibration),
    };
  }

  @GrpcMethod(service, 'GetModelCalibration')
  async getModelCalibration(
    request: GetModelCalibrationRequest__Output,
  ): Promise<GetModelCalibrationResponse> {
    const id = modelId(request.modelVersion);
    const calibration = await this.calibration.get(id);
    if (calibration !== undefined) return { calibration: toCalibrationMessage(calibration) };
    const recorded = await this.calibration.recorded(id);
    return { calibration: recorded === undefined ? null : toRecordedCalibrationMessage(id, recorded) };
  }
}
