import type { Metadata } from '@grpc/grpc-js';
import { Controller, Inject, UseFilters } from '@nestjs/common';
import { GrpcMethod } from '@nestjs/microservices';
import { DeleteModel } from './delete-model.js';
import type { DeleteModelVersionRequest__Output } from '../../../generated/symface/v1/DeleteModelVersionRequest.js';
import type { DeleteModelVersionResponse } from '../../../generated/symface/v1/DeleteModelVersionResponse.js';
import { callerOf } from '../../access/call-caller.js';
import { FailureFilter } from '../../platform/grpc/failure.filter.js';
import { modelId } from '../../platform/grpc/resource-names.js';

/** Deletion of model versions in symface.v1.ModelService. */
@UseFilters(FailureFilter)
@Controller()
export class ModelDeletionController {
  constructor(@Inject(DeleteModel) private readonly deleteModel: DeleteModel) {}

  @GrpcMethod('ModelService', 'DeleteModelVersion')
  async delete(
    { name }: DeleteModelVersionRequest__Output,
    metadata: Metadata,
  ): Promise<DeleteModelVersionResponse> {
    return this.deleteModel.execute(modelId(name), callerOf(metadata));
  }
}
