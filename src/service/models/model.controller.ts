import { Controller, Inject, UseFilters } from '@nestjs/common';
import { GrpcMethod, GrpcStreamCall } from '@nestjs/microservices';
import type { Metadata, sendUnaryData, ServerReadableStream } from '@grpc/grpc-js';
import { ServeActiveModels } from './serving/serve-active-models.js';
import { GetModel } from './registry/get-model.js';
import { ImportModel } from './registry/import-model.js';
import { ListModels } from './registry/list-models.js';
import type { ModelKind as Kind, RegisteredModel } from '../../storage/models/model-registry.js';
import type { GetModelVersionRequest__Output } from '../../generated/symface/v1/GetModelVersionRequest.js';
import type { GetModelVersionResponse } from '../../generated/symface/v1/GetModelVersionResponse.js';
import type { ImportModelVersionRequest__Output } from '../../generated/symface/v1/ImportModelVersionRequest.js';
import type { ImportModelVersionResponse } from '../../generated/symface/v1/ImportModelVersionResponse.js';
import type { ListModelVersionsRequest__Output } from '../../generated/symface/v1/ListModelVersionsRequest.js';
import type { ListModelVersionsResponse } from '../../generated/symface/v1/ListModelVersionsResponse.js';
import type { ModelKind__Output } from '../../generated/symface/v1/ModelKind.js';
import type { ModelVersion } from '../../generated/symface/v1/ModelVersion.js';
import { type Caller, mayAct } from '../access/caller.js';
import { callerOf } from '../access/call-caller.js';
import { ERROR_REPORTER, type ErrorReporter } from '../platform/grpc/error-reporter.js';
import { FailureFilter } from '../platform/grpc/failure.filter.js';
import { collectModelUpload } from './model-upload.js';
import { modelId } from '../platform/grpc/resource-names.js';
import { toModelVersionMessage } from './model-messages.js';
import { invalidField } from '../../core/invalid-field.js';
import { statusReply } from '../platform/grpc/rich-status.js';

const service = 'ModelService';

/** symface.v1.ModelService: messages in, use cases, messages out. */
@UseFilters(FailureFilter)
@Controller()
export class ModelController {
  constructor(
    @Inject(ListModels) private readonly listModels: ListModels,
    @Inject(GetModel) private readonly getModel: GetModel,
    @Inject(ImportModel) private readonly importModel: ImportModel,
    @Inject(ServeActiveModels) private readonly serveActiveModels: ServeActiveModels,
    @Inject(ERROR_REPORTER) private readonly errors: ErrorReporter,
  ) {}

  @GrpcMethod(service, 'ListModelVersions')
  async list(
    request: ListModelVersionsRequest__Output,
    metadata: Metadata,
  ): Promise<ListModelVersionsResponse> {
    const forClient = !mayAct(callerOf(metadata), 'admin');
    const page = await this.listModels.execute({
      pageSize: request.pageSize,
      pageToken: request.pageToken,
      kind: readKind(request.kind),
    });
    const standings = await this.serveActiveModels.standings();
    return {
      modelVersions: await Promise.all(
        page.items.map(async (stored) => toModelVersionMessage(stored, standings, forClient)),
      ),
      nextPageToken: page.nextPageToken ?? '',
    };
  }

  @GrpcMethod(service, 'GetModelVersion')
  async get(
    request: GetModelVersionRequest__Output,
    metadata: Metadata,
  ): Promise<GetModelVersionResponse> {
    const stored = await this.getModel.execute(modelId(request.name));
    return { modelVersion: await this.message(stored, callerOf(metadata)) };
  }

  @GrpcStreamCall(service, 'ImportModelVersion')
  async import(
    stream: ServerReadableStream<ImportModelVersionRequest__Output, ImportModelVersionResponse>,
    callback: sendUnaryData<ImportModelVersionResponse>,
  ): Promise<void> {
    try {
      const { manifestJson, graph } = await collectModelUpload(stream);
      const caller = callerOf(stream.metadata);
      const { stored, created } = await this.importModel.execute(manifestJson, graph, caller);
      callback(null, { modelVersion: await this.message(stored, caller), created });
    } catch (error) {
      this.errors.report(error);
      callback(statusReply(error));
    }
  }

  private async message(stored: RegisteredModel, caller: Caller): Promise<ModelVersion> {
    const standings = await this.serveActiveModels.standings();
    return toModelVersionMessage(stored, standings, !mayAct(caller, 'admin'));
  }
}

function readKind(kind: ModelKind__Output): Kind | undefined {
  switch (kind) {
    case 'MODEL_KIND_UNSPECIFIED':
      return undefined;
    case 'MODEL_KIND_BACKBONE':
      return 'backbone';
    case 'MODEL_KIND_DETECTOR':
      return 'detector';
    default:
      throw invalidField('kind', 'is not a known ModelKind');
  }
}
