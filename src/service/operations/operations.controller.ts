import { Controller, Inject, UseFilters } from '@nestjs/common';
import { GrpcMethod } from '@nestjs/microservices';
import type { GetServiceStatusResponse } from '../../generated/symface/v1/GetServiceStatusResponse.js';
import { jobKindNames, jobStateNames } from '../jobs/job-messages.js';
import { FailureFilter } from '../platform/grpc/failure.filter.js';
import { modelName } from '../platform/grpc/resource-names.js';
import { packageVersion } from '../platform/package-version.js';
import { ServiceStatus } from './service-status.js';

/** symface.v1.OperationsService: messages in, use cases, messages out. */
@UseFilters(FailureFilter)
@Controller()
export class OperationsStatusController {
  private readonly serviceVersion = packageVersion();

  constructor(@Inject(ServiceStatus) private readonly status: ServiceStatus) {}

  @GrpcMethod('OperationsService', 'GetServiceStatus')
  async getServiceStatus(): Promise<GetServiceStatusResponse> {
    const status = await this.status.read();
    return {
      serviceVersion: this.serviceVersion,
      startTime: status.startTime.toISOString(),
      ready: status.isReady,
      methods: [...status.methods],
      failures: [...status.failures],
      inference: status.inference,
      database: {
        answers: status.database.answers,
        latencyMs: status.database.latencyMs,
        description: status.database.description,
      },
      problems: [...status.problems],
      jobs: status.jobCounts.map(({ kind, state, count }) => ({
        kind: jobKindNames[kind],
        state: jobStateNames[state],
        jobCount: count,
      })),
      oldestDueJobAgeSeconds: status.oldestDueJobAgeSeconds,
      replicas: status.replicas.map((replica) => ({
        id: replica.id,
        host: replica.host,
        gateway: replica.role === 'gateway',
        serviceVersion: replica.serviceVersion,
        backbone: replica.backbone === '' ? '' : modelName(replica.backbone),
        detector: replica.detector === '' ? '' : modelName(replica.detector),
        startTime: replica.startTime.toISOString(),
        seenTime: replica.seenTime.toISOString(),
      })),
    };
  }
}
