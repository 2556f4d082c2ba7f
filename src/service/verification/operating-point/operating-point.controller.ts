import type { Metadata } from '@grpc/grpc-js';
import { Controller, Inject, UseFilters } from '@nestjs/common';
import { GrpcMethod } from '@nestjs/microservices';
import type { GetOperatingPointResponse } from '../../../generated/symface/v1/GetOperatingPointResponse.js';
import type { SetOperatingPointRequest__Output } from '../../../generated/symface/v1/SetOperatingPointRequest.js';
import type { SetOperatingPointResponse } from '../../../generated/symface/v1/SetOperatingPointResponse.js';
import { callerOf } from '../../access/call-caller.js';
import { FailureFilter } from '../../platform/grpc/failure.filter.js';
import { ManageOperatingPoint } from './manage-operating-point.js';
import { toOperatingPointMessage } from './operating-point-messages.js';

const service = 'BenchmarkService';

/** symface.v1.BenchmarkService, as far as it is about the false match rate in force. */
@UseFilters(FailureFilter)
@Controller()
export class OperatingPointController {
  constructor(@Inject(ManageOperatingPoint) private readonly operatingPoint: ManageOperatingPoint) {}

  @GrpcMethod(service, 'GetOperatingPoint')
  async get(): Promise<GetOperatingPointResponse> {
    return { operatingPoint: toOperatingPointMessage(await this.operatingPoint.get()) };
  }

  @GrpcMethod(service, 'SetOperatingPoint')
  async set(
    { falseMatchRate }: SetOperatingPointRequest__Output,
    metadata: Metadata,
  ): Promise<SetOperatingPointResponse> {
    const point = await this.operatingPoint.set(falseMatchRate, callerOf(metadata));
    return { operatingPoint: toOperatingPointMessage(point) };
  }
}
