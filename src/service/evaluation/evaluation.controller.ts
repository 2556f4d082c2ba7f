import { setTimeout as sleep } from 'node:timers/promises';
import { Controller, Inject, UseFilters } from '@nestjs/common';
import { GrpcMethod } from '@nestjs/microservices';
import { from, type Observable } from 'rxjs';
import type { Metadata } from '@grpc/grpc-js';
import { RecordAdminAction } from '../access/audit/record-admin-action.js';
import { ManageDatasets } from './manage-datasets.js';
import { RunEvaluations } from './run-evaluations.js';
import type { CancelEvaluationRequest__Output } from '../../generated/symface/v1/CancelEvaluationRequest.js';
import type { CancelEvaluationResponse } from '../../generated/symface/v1/CancelEvaluationResponse.js';
import type { CreateEvaluationRequest__Output } from '../../generated/symface/v1/CreateEvaluationRequest.js';
import type { CreateEvaluationResponse } from '../../generated/symface/v1/CreateEvaluationResponse.js';
import type { GetEvaluationRequest__Output } from '../../generated/symface/v1/GetEvaluationRequest.js';
import type { GetEvaluationResponse } from '../../generated/symface/v1/GetEvaluationResponse.js';
import type { ListDatasetsRequest__Output } from '../../generated/symface/v1/ListDatasetsRequest.js';
import type { ListDatasetsResponse } from '../../generated/symface/v1/ListDatasetsResponse.js';
import type { ListEvaluationsRequest__Output } from '../../generated/symface/v1/ListEvaluationsRequest.js';
import type { ListEvaluationsResponse } from '../../generated/symface/v1/ListEvaluationsResponse.js';
import type { RegisterDatasetRequest__Output } from '../../generated/symface/v1/RegisterDatasetRequest.js';
import type { RegisterDatasetResponse } from '../../generated/symface/v1/RegisterDatasetResponse.js';
import type { WatchEvaluationRequest__Output } from '../../generated/symface/v1/WatchEvaluationRequest.js';
import type { WatchEvaluationResponse } from '../../generated/symface/v1/WatchEvaluationResponse.js';
import {
  datasetId,
  evaluationId,
  readFacelessPolicy,
  readFormat,
  toDatasetMessage,
  toEvaluationMessage,
} from './evaluation-messages.js';
import { callerOf } from '../access/call-caller.js';
import { FailureFilter } from '../platform/grpc/failure.filter.js';
import { modelId } from '../models/model-messages.js';
import { readImageKind } from '../verification/image-fields.js';
import { readText } from '../platform/grpc/request-fields.js';

const service = 'EvaluationService';
const watchIntervalMs = 250;
const maximumPathCharacters = 4096;

/** symface.v1.EvaluationService: messages in, use cases, messages out. */
@UseFilters(FailureFilter)
@Controller()
export class EvaluationController {
  constructor(
    @Inject(ManageDatasets) private readonly datasets: ManageDatasets,
    @Inject(RunEvaluations) private readonly evaluations: RunEvaluations,
    @Inject(RecordAdminAction) private readonly recordAction: RecordAdminAction,
  ) {}

  @GrpcMethod(service, 'RegisterDataset')
  async registerDataset(
    request: RegisterDatasetRequest__Output,
    metadata: Metadata,
  ): Promise<RegisterDatasetResponse> {
    const dataset = await this.datasets.register(request.datasetId, {
      format: readFormat(request.format),
      path: readText(request.path, 'path', maximumPathCharacters),
      imageFolder: readText(request.imageFolder, 'image_folder', maximumPathCharacters),
      imageKind: readImageKind(request, 'image_kind'),
    });
    const { format, path } = dataset;
    await this.recordAction.execute(
      'dataset.register',
      `datasets/${dataset.id}`,
      { format, path },
      callerOf(metadata),
    );
    return { dataset: toDatasetMessage(dataset) };
  }

  @GrpcMethod(service, 'ListDatasets')
  async listDatasets(request: ListDatasetsRequest__Output): Promise<ListDatasetsResponse> {
    const { items, nextPageToken = '' } = await this.datasets.list(request);
    return { datasets: items.map(toDatasetMessage), nextPageToken };
  }

  @GrpcMethod(service, 'CreateEvaluation')
  async createEvaluation(
    { dataset, facelessPolicy, modelVersion }: CreateEvaluationRequest__Output,
    metadata: Metadata,
  ): Promise<CreateEvaluationResponse> {
    const policy = readFacelessPolicy(facelessPolicy);
    const model = modelVersion === '' ? undefined : modelId(modelVersion, 'model_version');
    const evaluation = toEvaluationMessage(
      await this.evaluations.start(datasetId(dataset, 'dataset'), policy, model),
    );
    const { name = '' } = evaluation;
    await this.recordAction.execute('evaluation.create', name, { dataset }, callerOf(metadata));
    return { evaluation };
  }

  @GrpcMethod(service, 'GetEvaluation')
  async getEvaluation({ name }: GetEvaluationRequest__Output): Promise<GetEvaluationResponse> {
    return { evaluation: toEvaluationMessage(await this.evaluations.get(evaluationId(name))) };
  }

  @GrpcMethod(service, 'ListEvaluations')
  async listEvaluations(request: ListEvaluationsRequest__Output): Promise<ListEvaluationsResponse> {
    const { items, nextPageToken = '' } = await this.evaluations.list(request);
    return { evaluations: items.map((item) => toEvaluationMessage(item, false)), nextPageToken };
  }

  @GrpcMethod(service, 'CancelEvaluation')
  async cancelEvaluation(
    { name }: CancelEvaluationRequest__Output,
    metadata: Metadata,
  ): Promise<CancelEvaluationResponse> {
    const evaluation = toEvaluationMessage(await this.evaluations.cancel(evaluationId(name)));
    await this.recordAction.execute('evaluation.cancel', name, {}, callerOf(metadata));
    return { evaluation };
  }

  @GrpcMethod(service, 'WatchEvaluation')
  watchEvaluation({ name }: WatchEvaluationRequest__Output): Observable<WatchEvaluationResponse> {
    return from(this.states(evaluationId(name)));
  }

  /** Looks again at a fixed interval: progress is in memory, and one client more costs next to nothing. */
  private async *states(id: string): AsyncGenerator<WatchEvaluationResponse> {
    let last = '';
    for (;;) {
      const evaluation = toEvaluationMessage(await this.evaluations.get(id));
      const { state = '', finishedImageCount = 0 } = evaluation;
      const now = `${state} ${finishedImageCount}`;
      if (now !== last) yield { evaluation };
      if (evaluation.state !== 'EVALUATION_STATE_RUNNING') return;
      last = now;
      await sleep(watchIntervalMs);
    }
  }
}
