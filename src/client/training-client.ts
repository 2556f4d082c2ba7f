import type { CreateTrainingJobRequest } from '../generated/symface/v1/CreateTrainingJobRequest.js';
import type { ListTrainingJobsResponse__Output } from '../generated/symface/v1/ListTrainingJobsResponse.js';
import type { TrainingJob__Output } from '../generated/symface/v1/TrainingJob.js';
import type { TrainingServiceClient } from '../generated/symface/v1/TrainingService.js';
import type { WatchTrainingJobResponse__Output } from '../generated/symface/v1/WatchTrainingJobResponse.js';
import type { CreateTrainingJobResponse__Output } from '../generated/symface/v1/CreateTrainingJobResponse.js';
import type { GetTrainingJobResponse__Output } from '../generated/symface/v1/GetTrainingJobResponse.js';
import type { CancelTrainingJobResponse__Output } from '../generated/symface/v1/CancelTrainingJobResponse.js';
import type { DeleteTrainingScheduleResponse__Output } from '../generated/symface/v1/DeleteTrainingScheduleResponse.js';
import type { GetTrainingReportRequest } from '../generated/symface/v1/GetTrainingReportRequest.js';
import type { GetTrainingReportResponse__Output } from '../generated/symface/v1/GetTrainingReportResponse.js';
import type { GetTrainingScheduleResponse__Output } from '../generated/symface/v1/GetTrainingScheduleResponse.js';
import type { TrainingSchedule__Output } from '../generated/symface/v1/TrainingSchedule.js';
import type { UpdateTrainingScheduleRequest } from '../generated/symface/v1/UpdateTrainingScheduleRequest.js';
import type { UpdateTrainingScheduleResponse__Output } from '../generated/symface/v1/UpdateTrainingScheduleResponse.js';
import { symFaceServices } from '../service/platform/grpc/proto-definition.js';
import type { Connection } from './connection.js';
import { everyPage } from './every-page.js';

/** Calls TrainingService. Names are resource names such as `trainingJobs/{id}`. */
export class TrainingClient {
  private readonly stub: TrainingServiceClient;

  constructor(private readonly connection: Connection) {
    const { TrainingService } = symFaceServices();
    this.stub = new TrainingService(connection.server, connection.credentials, connection.channelOptions);
  }

  createTrainingJob(request: CreateTrainingJobRequest): Promise<CreateTrainingJobResponse__Output> {
    return this.connection.call((...call) => this.stub.createTrainingJob(request, ...call));
  }

  getTrainingJob(name: string): Promise<GetTrainingJobResponse__Output> {
    return this.connection.call((...call) => this.stub.getTrainingJob({ name }, ...call));
  }

  /** Newest first; page after page, as they are asked for. */
  listTrainingJobs(): AsyncGenerator<TrainingJob__Output> {
    return everyPage(async (pageToken) => {
      const page: ListTrainingJobsResponse__Output = await this.connection.call((...call) =>
        this.stub.listTrainingJobs({ pageToken }, ...call),
      );
      return { items: page.trainingJobs, nextPageToken: page.nextPageToken };
    });
  }

  cancelTrainingJob(name: string): Promise<CancelTrainingJobResponse__Output> {
    return this.connection.call((...call) => this.stub.cancelTrainingJob({ name }, ...call));
  }

  /** Its states until it has ended, however long that takes. */
  async *watchTrainingJob(name: string): AsyncGenerator<TrainingJob__Output> {
    const responses = this.connection.responses<WatchTrainingJobResponse__Output>((metadata) =>
      this.stub.watchTrainingJob({ name }, metadata),
    );
    for await (const { trainingJob } of responses) if (trainingJob !== null) yield trainingJob;
  }

  /** The report in pieces, until it is whole. */
  async *getTrainingReport(request: GetTrainingReportRequest): AsyncGenerator<Uint8Array> {
    const responses = this.connection.responses<GetTrainingReportResponse__Output>((metadata) =>
      this.stub.getTrainingReport(request, metadata),
    );
    for await (const { chunk } of responses) yield chunk;
  }

  async getTrainingSchedule(): Promise<TrainingSchedule__Output | null> {
    const response: GetTrainingScheduleResponse__Output = await this.connection.call((...call) =>
      this.stub.getTrainingSchedule({}, ...call),
    );
    return response.trainingSchedule;
  }

  async updateTrainingSchedule(
    request: UpdateTrainingScheduleRequest,
  ): Promise<TrainingSchedule__Output | null> {
    const response: UpdateTrainingScheduleResponse__Output = await this.connection.call((...call) =>
      this.stub.updateTrainingSchedule(request, ...call),
    );
    return response.trainingSchedule;
  }

  deleteTrainingSchedule(): Promise<DeleteTrainingScheduleResponse__Output> {
    return this.connection.call((...call) => this.stub.deleteTrainingSchedule({}, ...call));
  }

  close(): void {
    this.stub.close();
  }
}
