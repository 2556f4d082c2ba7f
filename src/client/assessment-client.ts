import type { Assessment__Output } from '../generated/symface/v1/Assessment.js';
import type { AssessmentServiceClient } from '../generated/symface/v1/AssessmentService.js';
import type { CreateAssessmentRequest } from '../generated/symface/v1/CreateAssessmentRequest.js';
import type { ListAssessmentsResponse__Output } from '../generated/symface/v1/ListAssessmentsResponse.js';
import type { ListShadowsResponse__Output } from '../generated/symface/v1/ListShadowsResponse.js';
import type { Shadow__Output } from '../generated/symface/v1/Shadow.js';
import type { StartShadowResponse__Output } from '../generated/symface/v1/StartShadowResponse.js';
import type { StopShadowResponse__Output } from '../generated/symface/v1/StopShadowResponse.js';
import type { WatchAssessmentResponse__Output } from '../generated/symface/v1/WatchAssessmentResponse.js';
import { symFaceServices } from '../service/platform/grpc/proto-definition.js';
import type { Connection } from './connection.js';
import { everyPage } from './every-page.js';

/** Calls AssessmentService. Names are resource names such as `assessments/{id}`. */
export class AssessmentClient {
  private readonly stub: AssessmentServiceClient;

  constructor(private readonly connection: Connection) {
    const { AssessmentService } = symFaceServices();
    this.stub = new AssessmentService(connection.server, connection.credentials, connection.channelOptions);
  }

  async create(request: CreateAssessmentRequest): Promise<Assessment__Output> {
    return assessmentIn(
      await this.connection.call((...call) => this.stub.createAssessment(request, ...call)),
    );
  }

  async get(name: string): Promise<Assessment__Output> {
    return assessmentIn(await this.connection.call((...call) => this.stub.getAssessment({ name }, ...call)));
  }

  async cancel(name: string): Promise<Assessment__Output> {
    return assessmentIn(
      await this.connection.call((...call) => this.stub.cancelAssessment({ name }, ...call)),
    );
  }

  /** Newest first; page after page, as they are asked for. @param modelVersion of one candidate; of all where empty */
  list(modelVersion = ''): AsyncGenerator<Assessment__Output> {
    return everyPage(async (pageToken) => {
      const page: ListAssessmentsResponse__Output = await this.connection.call((...call) =>
        this.stub.listAssessments({ pageToken, modelVersion }, ...call),
      );
      return { items: page.assessments, nextPageToken: page.nextPageToken };
    });
  }

  /** Its states until it has ended, however long that takes. */
  async *watch(name: string): AsyncGenerator<Assessment__Output> {
    const responses = this.connection.responses<WatchAssessmentResponse__Output>((metadata) =>
      this.stub.watchAssessment({ name }, metadata),
    );
    for await (const { assessment } of responses) if (assessment !== null) yield assessment;
  }

  async startShadow(modelVersion: string, share: number): Promise<Shadow__Output | null> {
    const request = { modelVersion, share };
    const { shadow }: StartShadowResponse__Output = await this.connection.call((...call) =>
      this.stub.startShadow(request, ...call),
    );
    return shadow;
  }

  /** @returns null where none ran */
  async stopShadow(): Promise<Shadow__Output | null> {
    const { shadow }: StopShadowResponse__Output = await this.connection.call((...call) =>
      this.stub.stopShadow({}, ...call),
    );
    return shadow;
  }

  async listShadows(): Promise<readonly Shadow__Output[]> {
    const { shadows }: ListShadowsResponse__Output = await this.connection.call((...call) =>
      this.stub.listShadows({}, ...call),
    );
    return shadows;
  }

  close(): void {
    this.stub.close();
  }
}

function assessmentIn({
  assessment,
}: {
  readonly assessment: Assessment__Output | null;
}): Assessment__Output {
  if (assessment === null) throw new Error('The server answered without an assessment.');
  return assessment;
}
