import { Controller, Inject, UseFilters } from '@nestjs/common';
import { GrpcMethod } from '@nestjs/microservices';
import type { Metadata, ServerUnaryCall } from '@grpc/grpc-js';
import { CompareEvaluations } from './compare-evaluations.js';
import { ShowWorstPairs } from './show-worst-pairs.js';
import { CalibrateModel } from './calibrate-model.js';
import type { CalibrateModelVersionRequest__Output } from '../../generated/symface/v1/CalibrateModelVersionRequest.js';
import type { CalibrateModelVersionResponse } from '../../generated/symface/v1/CalibrateModelVersionResponse.js';
import type { CompareEvaluationsRequest__Output } from '../../generated/symface/v1/CompareEvaluationsRequest.js';
import type { CompareEvaluationsResponse } from '../../generated/symface/v1/CompareEvaluationsResponse.js';
import type { GetModelCalibrationRequest__Output } from '../../generated/symface/v1/GetModelCalibrationRequest.js';
import type { GetModelCalibrationResponse } from '../../generated/symface/v1/GetModelCalibrationResponse.js';
import type { ListWorstPairsRequest__Output } from '../../generated/symface/v1/ListWorstPairsRequest.js';
import type { ListWorstPairsResponse } from '../../generated/symface/v1/ListWorstPairsResponse.js';
import { toCalibrationMessage, toComparisonMessage, toWorstPairMessage } from './calibration-messages.js';
import { callerOf } from '../access/call-caller.js';
import { withCallControl } from '../platform/grpc/call-signal.js';
import { evaluationId } from './evaluation-messages.js';
import { FailureFilter } from '../platform/grpc/failure.filter.js';
import { GRPC_SETTINGS, type GrpcSettings } from '../platform/grpc/grpc-settings.js';
import { modelId } from '../models/model-messages.js';

const service = 'EvaluationService';

/** symface.v1.EvaluationService, as far as it draws conclusions from evaluations. */
@UseFilters(FailureFilter)
@Controller()
export class ModelComparisonController {
  constructor(
    @Inject(CompareEvaluations) private readonly comparison: CompareEvaluations,
    @Inject(ShowWorstPairs) private readonly worstPairs: ShowWorstPairs,
    @Inject(CalibrateModel) private readonly calibration: CalibrateModel,
    @Inject(GRPC_SETTINGS) private readonly settings: GrpcSettings,
  ) {}

  @GrpcMethod(service, 'CompareEvaluations')
  async compareEvaluations(request: CompareEvaluationsRequest__Output): Promise<CompareEvaluationsResponse> {
    const ids = [evaluationId(request.first, 'first'), evaluationId(request.second, 'second')] as const;
    return toComparisonMessage(await this.comparison.execute(...ids));
  }

  @GrpcMethod(service, 'ListWorstPairs')
  async listWorstPairs(
    request: ListWorstPairsRequest__Output,
    _metadata: Metadata,
    call: ServerUnaryCall<ListWorstPairsRequest__Output, ListWorstPairsResponse>,
  ): Promise<ListWorstPairsResponse> {
    const id = evaluationId(request.evaluation, 'evaluation');
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
    { evaluation, defaultFalseMatchRate }: CalibrateModelVersionRequest__Output,
    metadata: Metadata,
  ): Promise<CalibrateModelVersionResponse> {
    const id = evaluationId(evaluation, 'evaluation');
    const calibration = await this.calibration.execute(id, defaultFalseMatchRate, callerOf(metadata));
    return { calibration: toCalibrationMessage(calibration) };
  }

  @GrpcMethod(service, 'GetModelCalibration')
  async getModelCalibration(
    request: GetModelCalibrationRequest__Output,
  ): Promise<GetModelCalibrationResponse> {
    const calibration = await this.calibration.get(modelId(request.modelVersion));
    return { calibration: calibration === undefined ? null : toCalibrationMessage(calibration) };
  }
}
