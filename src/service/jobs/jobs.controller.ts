import type { Metadata } from '@grpc/grpc-js';
import { Controller, Inject, type OnModuleDestroy, UseFilters } from '@nestjs/common';
import { GrpcMethod } from '@nestjs/microservices';
import { map, type Observable, Subject } from 'rxjs';
import { callerOf } from '../access/call-caller.js';
import { Failure } from '../../core/failure.js';
import { FailureFilter } from '../platform/grpc/failure.filter.js';
import { JobQueue, jobOrderKey, type JobSelection } from './job-queue.js';
import { readPage, timeAndUuidKey } from '../platform/page.js';
import type { Job } from './job.js';
import type { CancelJobRequest__Output } from '../../generated/symface/v1/CancelJobRequest.js';
import type { CancelJobResponse } from '../../generated/symface/v1/CancelJobResponse.js';
import type { GetJobRequest__Output } from '../../generated/symface/v1/GetJobRequest.js';
import type { GetJobResponse } from '../../generated/symface/v1/GetJobResponse.js';
import type { Job as JobMessage } from '../../generated/symface/v1/Job.js';
import type { ListJobsRequest__Output } from '../../generated/symface/v1/ListJobsRequest.js';
import type { ListJobsResponse } from '../../generated/symface/v1/ListJobsResponse.js';
import type { WatchJobRequest__Output } from '../../generated/symface/v1/WatchJobRequest.js';
import type { WatchJobResponse } from '../../generated/symface/v1/WatchJobResponse.js';
import { jobId, modelId } from '../platform/grpc/resource-names.js';
import { readJobKind, readJobState, toJobMessage } from './job-messages.js';
import { type JobDetail, JobTypes } from './job-type.js';
import { watchedJob } from './watched-job.js';

const service = 'JobService';

/** symface.v1.JobService: jobs of every kind. */
@UseFilters(FailureFilter)
@Controller()
export class JobsController implements OnModuleDestroy {
  private readonly closing = new Subject<never>();

  constructor(
    @Inject(JobQueue) private readonly queue: Pick<JobQueue, 'get' | 'list' | 'cancel'>,
    @Inject(JobTypes) private readonly types: JobTypes,
  ) {}

  @GrpcMethod(service, 'GetJob')
  async get({ name }: GetJobRequest__Output): Promise<GetJobResponse> {
    return { job: this.message(await this.queue.get(jobId(name))) };
  }

  @GrpcMethod(service, 'ListJobs')
  async list(request: ListJobsRequest__Output): Promise<ListJobsResponse> {
    const only = selectionOf(request);
    const { items, nextPageToken = '' } = await readPage(
      `jobs ${JSON.stringify(only)}`,
      request,
      async (query) => this.queue.list(query, only),
      jobOrderKey,
      timeAndUuidKey,
    );
    return { jobs: items.map((job) => this.message(job, 'summary')), nextPageToken };
  }

  @GrpcMethod(service, 'CancelJob')
  async cancel({ name }: CancelJobRequest__Output, metadata: Metadata): Promise<CancelJobResponse> {
    const job = await this.queue.cancel(jobId(name), callerOf(metadata));
    if (job.state === 'cancelled') await this.types.of(job.kind).removeLeft?.(job);
    return { job: this.message(job) };
  }

  @GrpcMethod(service, 'WatchJob')
  watch({ name }: WatchJobRequest__Output): Observable<WatchJobResponse> {
    const id = jobId(name);
    return watchedJob(async () => {
      const job = await this.queue.get(id);
      if (job.state === 'succeeded') await this.types.of(job.kind).beforeSuccessIsTold?.();
      return this.message(job);
    }, this.closing).pipe(map((job) => ({ job })));
  }

  /** A shutdown waits for accepted calls: it would wait for watchers until their jobs end. */
  onModuleDestroy(): void {
    const message =
      'The service is shutting down; the job goes on. Watch it again at another replica, or later.';
    this.closing.error(new Failure('SHUTTING_DOWN', message));
  }

  private message(job: Job, detail: JobDetail = 'all'): JobMessage {
    return toJobMessage(job, this.types.of(job.kind).message(job, detail));
  }
}

/** @throws Failure INVALID_ARGUMENT */
function selectionOf({ kind, state, modelVersion }: ListJobsRequest__Output): JobSelection {
  const [ofKind, inState] = [readJobKind(kind), readJobState(state)];
  return {
    ...(ofKind !== undefined && { kind: ofKind }),
    ...(inState !== undefined && { state: inState }),
    ...(modelVersion !== '' && { modelVersion: modelId(modelVersion, 'model_version') }),
  };
}
