import type { Writable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { ActivateModelVersionResponse__Output } from '../generated/symface/v1/ActivateModelVersionResponse.js';
import type { DeleteModelVersionResponse__Output } from '../generated/symface/v1/DeleteModelVersionResponse.js';
import type { DetectFacesRequest } from '../generated/symface/v1/DetectFacesRequest.js';
import type { DetectFacesResponse__Output } from '../generated/symface/v1/DetectFacesResponse.js';
import type { EmbedRequest } from '../generated/symface/v1/EmbedRequest.js';
import type { EmbedResponse__Output } from '../generated/symface/v1/EmbedResponse.js';
import type { FaceVerificationServiceClient } from '../generated/symface/v1/FaceVerificationService.js';
import type { GetModelVersionResponse__Output } from '../generated/symface/v1/GetModelVersionResponse.js';
import type { IdentifyRequest } from '../generated/symface/v1/IdentifyRequest.js';
import type { IdentifyResponse__Output } from '../generated/symface/v1/IdentifyResponse.js';
import type { ImportModelVersionRequest } from '../generated/symface/v1/ImportModelVersionRequest.js';
import type { ImportModelVersionResponse__Output } from '../generated/symface/v1/ImportModelVersionResponse.js';
import type { ListModelVersionsRequest } from '../generated/symface/v1/ListModelVersionsRequest.js';
import type { ListModelVersionsResponse__Output } from '../generated/symface/v1/ListModelVersionsResponse.js';
import type { ModelServiceClient } from '../generated/symface/v1/ModelService.js';
import type { ModelVersion__Output } from '../generated/symface/v1/ModelVersion.js';
import type { VerifyRequest } from '../generated/symface/v1/VerifyRequest.js';
import type { VerifyResponse__Output } from '../generated/symface/v1/VerifyResponse.js';
import type { VerifySubjectRequest } from '../generated/symface/v1/VerifySubjectRequest.js';
import type { VerifySubjectResponse__Output } from '../generated/symface/v1/VerifySubjectResponse.js';
import { symFaceServices } from '../service/platform/grpc/proto-definition.js';
import { ActivationClient } from './activation-client.js';
import { AdminClient } from './admin-client.js';
import { AssessmentClient } from './assessment-client.js';
import { Connection, settle, type SymFaceClientOptions } from './connection.js';
import { EnrollmentClient } from './enrollment-client.js';
import { EvaluationClient } from './evaluation-client.js';
import { TrainingClient } from './training-client.js';

/** Calls a SymFace server; every failed call rejects with a RemoteFailure. */
export class SymFaceClient {
  readonly enrollment: EnrollmentClient;
  readonly admin: AdminClient;
  readonly evaluation: EvaluationClient;
  readonly training: TrainingClient;
  readonly activation: ActivationClient;
  readonly assessment: AssessmentClient;
  private readonly connection: Connection;
  private readonly verification: FaceVerificationServiceClient;
  private readonly models: ModelServiceClient;

  /** @throws Error where a TLS file cannot be read */
  constructor(options: SymFaceClientOptions) {
    const services = symFaceServices();
    const connection = new Connection(options);
    const { server, credentials, channelOptions } = connection;
    this.connection = connection;
    this.verification = new services.FaceVerificationService(server, credentials, channelOptions);
    this.models = new services.ModelService(server, credentials, channelOptions);
    this.enrollment = new EnrollmentClient(connection);
    this.admin = new AdminClient(connection);
    this.evaluation = new EvaluationClient(connection);
    this.training = new TrainingClient(connection);
    this.activation = new ActivationClient(connection);
    this.assessment = new AssessmentClient(connection);
  }

  detectFaces(request: DetectFacesRequest): Promise<DetectFacesResponse__Output> {
    return this.connection.call((...call) => this.verification.detectFaces(request, ...call));
  }

  embed(request: EmbedRequest): Promise<EmbedResponse__Output> {
    return this.connection.call((...call) => this.verification.embed(request, ...call));
  }

  verifySubject(request: VerifySubjectRequest): Promise<VerifySubjectResponse__Output> {
    return this.connection.call((...call) => this.verification.verifySubject(request, ...call));
  }

  identify(request: IdentifyRequest): Promise<IdentifyResponse__Output> {
    return this.connection.call((...call) => this.verification.identify(request, ...call));
  }

  verify(request: VerifyRequest): Promise<VerifyResponse__Output> {
    return this.connection.call((...call) => this.verification.verify(request, ...call));
  }

  /** @returns templates that went with it */
  async deleteModelVersion(name: string): Promise<number> {
    const { templateCount } = await this.connection.call<DeleteModelVersionResponse__Output>((...call) =>
      this.models.deleteModelVersion({ name }, ...call),
    );
    return templateCount;
  }

  /** Every version of the kind, page after page. */
  async listModelVersions(kind: ListModelVersionsRequest['kind'] = 'MODEL_KIND_UNSPECIFIED') {
    const versions: ModelVersion__Output[] = [];
    let pageToken = '';
    do {
      const request = { kind, pageToken };
      const page: ListModelVersionsResponse__Output = await this.connection.call((...call) =>
        this.models.listModelVersions(request, ...call),
      );
      versions.push(...page.modelVersions);
      pageToken = page.nextPageToken;
    } while (pageToken !== '');
    return versions;
  }

  /** @param name `modelVersions/{id}` */
  getModelVersion(name: string): Promise<GetModelVersionResponse__Output> {
    return this.connection.call((...call) => this.models.getModelVersion({ name }, ...call));
  }

  /** @param name `modelVersions/{id}` */
  activateModelVersion(name: string, skipAssessment = false): Promise<ActivateModelVersionResponse__Output> {
    const request = { name, skipAssessment };
    return this.connection.call((...call) => this.models.activateModelVersion(request, ...call));
  }

  /** @param graphChunks the ONNX file in order, at most 1 MiB each; read no faster than the server takes them */
  importModelVersion(
    manifestJson: string,
    graphChunks: AsyncIterable<Uint8Array>,
  ): Promise<ImportModelVersionResponse__Output> {
    return new Promise((resolve, reject) => {
      const { connection } = this;
      const done = settle(resolve, reject);
      const upload = this.models.importModelVersion(connection.metadata(), connection.callOptions(), done);
      const sink: Writable = upload;
      // Where the server refuses early, its answer settles the promise and the rest is not sent.
      pipeline(importRequests(manifestJson, graphChunks), sink).catch((error: unknown) => {
        upload.cancel();
        reject(error instanceof Error ? error : new Error(String(error)));
      });
    });
  }

  close(): void {
    this.verification.close();
    this.models.close();
    this.enrollment.close();
    this.admin.close();
    this.evaluation.close();
    this.training.close();
    this.activation.close();
    this.assessment.close();
  }
}

async function* importRequests(
  manifestJson: string,
  graphChunks: AsyncIterable<Uint8Array>,
): AsyncGenerator<ImportModelVersionRequest> {
  yield { manifestJson };
  for await (const graphChunk of graphChunks) yield { graphChunk };
}
