import type { Metadata } from '@grpc/grpc-js';
import { Controller, Inject, UseFilters } from '@nestjs/common';
import { GrpcMethod } from '@nestjs/microservices';
import { from, type Observable } from 'rxjs';
import { FollowActiveModels } from '../../models/serving/follow-active-models.js';
import { ManageActivations } from './manage-activations.js';
import { RecordAdminAction } from '../../access/audit/record-admin-action.js';
import type { CancelActivationRequest__Output } from '../../../generated/symface/v1/CancelActivationRequest.js';
import type { CancelActivationResponse } from '../../../generated/symface/v1/CancelActivationResponse.js';
import type { CreateActivationRequest__Output } from '../../../generated/symface/v1/CreateActivationRequest.js';
import type { CreateActivationResponse } from '../../../generated/symface/v1/CreateActivationResponse.js';
import type { GetActivationRequest__Output } from '../../../generated/symface/v1/GetActivationRequest.js';
import type { GetActivationResponse } from '../../../generated/symface/v1/GetActivationResponse.js';
import type { ListActivationsRequest__Output } from '../../../generated/symface/v1/ListActivationsRequest.js';
import type { ListActivationsResponse } from '../../../generated/symface/v1/ListActivationsResponse.js';
import type { RollBackActivationRequest__Output } from '../../../generated/symface/v1/RollBackActivationRequest.js';
import type { RollBackActivationResponse } from '../../../generated/symface/v1/RollBackActivationResponse.js';
import type { WatchActivationRequest__Output } from '../../../generated/symface/v1/WatchActivationRequest.js';
import type { WatchActivationResponse } from '../../../generated/symface/v1/WatchActivationResponse.js';
import { activationId, activationName, toActivationMessage } from './activation-messages.js';
import { callerOf } from '../../access/call-caller.js';
import { FailureFilter } from '../../platform/grpc/failure.filter.js';
import { jobStates } from '../../jobs/job-states.js';
import { modelId } from '../../models/model-messages.js';

const service = 'ModelService';

/** Changes of the backbone in symface.v1.ModelService. */
@UseFilters(FailureFilter)
@Controller()
export class ActivationController {
  constructor(
    @Inject(ManageActivations) private readonly activations: ManageActivations,
    @Inject(FollowActiveModels) private readonly models: FollowActiveModels,
    @Inject(RecordAdminAction) private readonly recordAction: RecordAdminAction,
  ) {}

  @GrpcMethod(service, 'CreateActivation')
  async create(
    { modelVersion, skipAssessment: skipsAssessment }: CreateActivationRequest__Output,
    metadata: Metadata,
  ): Promise<CreateActivationResponse> {
    const caller = callerOf(metadata);
    const id = modelId(modelVersion, 'model_version');
    const activation = await this.activations.start(id, caller, skipsAssessment ? 'skipped' : 'required');
    const details = { model_version: modelVersion, ...(skipsAssessment && { skip_assessment: 'true' }) };
    await this.recordAction.execute('activation.create', activationName(activation.id), details, caller);
    return { activation: toActivationMessage(activation) };
  }

  @GrpcMethod(service, 'RollBackActivation')
  async rollBack(
    _request: RollBackActivationRequest__Output,
    metadata: Metadata,
  ): Promise<RollBackActivationResponse> {
    const caller = callerOf(metadata);
    const activation = toActivationMessage(await this.activations.rollBack(caller));
    const { name = '', modelVersion = '' } = activation;
    const details = { model_version: modelVersion, roll_back: 'true' };
    await this.recordAction.execute('activation.create', name, details, caller);
    return { activation };
  }

  @GrpcMethod(service, 'GetActivation')
  async get({ name }: GetActivationRequest__Output): Promise<GetActivationResponse> {
    return { activation: toActivationMessage(await this.activations.get(activationId(name))) };
  }

  @GrpcMethod(service, 'ListActivations')
  async list(request: ListActivationsRequest__Output): Promise<ListActivationsResponse> {
    const { items, nextPageToken = '' } = await this.activations.list(request);
    return { activations: items.map(toActivationMessage), nextPageToken };
  }

  @GrpcMethod(service, 'CancelActivation')
  async cancel(
    { name }: CancelActivationRequest__Output,
    metadata: Metadata,
  ): Promise<CancelActivationResponse> {
    const activation = toActivationMessage(await this.activations.cancel(activationId(name)));
    await this.recordAction.execute('activation.cancel', name, {}, callerOf(metadata));
    return { activation };
  }

  @GrpcMethod(service, 'WatchActivation')
  watch({ name }: WatchActivationRequest__Output): Observable<WatchActivationResponse> {
    const id = activationId(name);
    return from(
      jobStates(async () => {
        const current = await this.activations.get(id);
        // Who sees the end finds it done here; where this replica cannot go over, its log says why.
        if (current.state === 'succeeded') await this.models.catchUp().catch(() => undefined);
        return {
          message: { activation: toActivationMessage(current) },
          hasEnded: current.endTime !== undefined,
        };
      }),
    );
  }
}
