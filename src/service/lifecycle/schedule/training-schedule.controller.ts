import type { Metadata } from '@grpc/grpc-js';
import { Controller, Inject, UseFilters } from '@nestjs/common';
import { GrpcMethod } from '@nestjs/microservices';
import { ManageTrainingSchedule } from './manage-training-schedule.js';
import type { DeleteTrainingScheduleResponse } from '../../../generated/symface/v1/DeleteTrainingScheduleResponse.js';
import type { GetTrainingScheduleResponse } from '../../../generated/symface/v1/GetTrainingScheduleResponse.js';
import type { UpdateTrainingScheduleRequest__Output } from '../../../generated/symface/v1/UpdateTrainingScheduleRequest.js';
import type { UpdateTrainingScheduleResponse } from '../../../generated/symface/v1/UpdateTrainingScheduleResponse.js';
import { callerOf } from '../../access/call-caller.js';
import { FailureFilter } from '../../platform/grpc/failure.filter.js';
import { readScheduleSettings, toScheduleMessage } from './training-schedule-messages.js';

const service = 'TrainingService';

/** The training schedule in symface.v1.TrainingService. */
@UseFilters(FailureFilter)
@Controller()
export class TrainingScheduleController {
  constructor(@Inject(ManageTrainingSchedule) private readonly schedule: ManageTrainingSchedule) {}

  @GrpcMethod(service, 'GetTrainingSchedule')
  async get(): Promise<GetTrainingScheduleResponse> {
    return { trainingSchedule: toScheduleMessage(await this.schedule.get()) };
  }

  @GrpcMethod(service, 'UpdateTrainingSchedule')
  async update(
    request: UpdateTrainingScheduleRequest__Output,
    metadata: Metadata,
  ): Promise<UpdateTrainingScheduleResponse> {
    const settings = readScheduleSettings(request);
    const nextTimes = this.schedule.preview(settings).map((time) => time.toISOString());
    if (request.validateOnly) return { nextTimes };
    const schedule = await this.schedule.put(settings, callerOf(metadata));
    return { trainingSchedule: toScheduleMessage(schedule), nextTimes };
  }

  @GrpcMethod(service, 'DeleteTrainingSchedule')
  async remove(_request: unknown, metadata: Metadata): Promise<DeleteTrainingScheduleResponse> {
    await this.schedule.remove(callerOf(metadata));
    return {};
  }
}
