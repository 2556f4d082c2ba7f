import type { Writable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { credentials, type CallOptions, type requestCallback, type ServiceError } from '@grpc/grpc-js';
import type { ActivateModelVersionResponse__Output } from '../../generated/symface/v1/ActivateModelVersionResponse.js';
import type { DetectFacesRequest } from '../../generated/symface/v1/DetectFacesRequest.js';
import type { DetectFacesResponse__Output } from '../../generated/symface/v1/DetectFacesResponse.js';
import type { EmbedRequest } from '../../generated/symface/v1/EmbedRequest.js';
import type { EmbedResponse__Output } from '../../generated/symface/v1/EmbedResponse.js';
import type { FaceVerificationServiceClient } from '../../generated/symface/v1/FaceVerificationService.js';
import type { GetModelVersionResponse__Output } from '../../generated/symface/v1/GetModelVersionResponse.js';
import type { ImportModelVersionRequest } from '../../generated/symface/v1/ImportModelVersionRequest.js';
import type { ImportModelVersionResponse__Output } from '../../generated/symface/v1/ImportModelVersionResponse.js';
import type { ListModelVersionsRequest } from '../../generated/symface/v1/ListModelVersionsRequest.js';
import type { ListModelVersionsResponse__Output } from '../../generated/symface/v1/ListModelVersionsResponse.js';
import type { ModelServiceClient } from '../../generated/symface/v1/ModelService.js';
import type { ModelVersion__Output } from '../../generated/symface/v1/ModelVersion.js';
import type { VerifyRequest } from '../../generated/symface/v1/VerifyRequest.js';
import type { VerifyResponse__Output } from '../../generated/symface/v1/VerifyResponse.js';
import { symFaceServices } from '../grpc/proto-definition.js';
import { RemoteFailure } from './remote-failure.js';

const MAXIMUM_MESSAGE_BYTES = 16 * 1024 * 1024;

export interface SymFaceClientOptions {
  /** `host:port` */
  readonly server: string;
  /** How long one call may take, from its start to its answer. */
  readonly timeoutMs: number;
}

/** Calls a SymFace server; every failed call rejects with a {@link RemoteFailure}. */
export class SymFaceClient {
  private readonly verification: FaceVerificationServiceClient;
  private readonly models: ModelServiceClient;

  constructor(private readonly options: SymFaceClientOptions) {
    const services = symFaceServices();
    const limits = { 'grpc.max_receive_message_length': MAXIMUM_MESSAGE_BYTES };
    this.verification = new services.FaceVerificationService(
      options.server,
      credentials.createInsecure(),
      limits,
    );
    this.models = new services.ModelService(options.server, credentials.createInsecure(), limits);
  }

  detectFaces(request: DetectFacesRequest): Promise<DetectFacesResponse__Output> {
    return this.call((options, done) => this.verification.detectFaces(request, options, done));
  }

  embed(request: EmbedRequest): Promise<EmbedResponse__Output> {
    return this.call((options, done) => this.verification.embed(request, options, done));
  }

  verify(request: VerifyRequest): Promise<VerifyResponse__Output> {
    return this.call((options, done) => this.verification.verify(request, options, done));
  }

  /** Every version of the kind, page after page. */
  async listModelVersions(kind: ListModelVersionsRequest['kind'] = 'MODEL_KIND_UNSPECIFIED') {
    const versions: ModelVersion__Output[] = [];
    let pageToken = '';
    do {
      const request = { kind, pageToken };
      const page: ListModelVersionsResponse__Output = await this.call((options, done) =>
        this.models.listModelVersions(request, options, done),
      );
      versions.push(...page.modelVersions);
      pageToken = page.nextPageToken;
    } while (pageToken !== '');
    return versions;
  }

  /** @param name `modelVersions/{id}` */
  getModelVersion(name: string): Promise<GetModelVersionResponse__Output> {
    return this.call((options, done) => this.models.getModelVersion({ name }, options, done));
  }

  /** @param name `modelVersions/{id}` */
  activateModelVersion(name: string): Promise<ActivateModelVersionResponse__Output> {
    return this.call((options, done) => this.models.activateModelVersion({ name }, options, done));
  }

  /** @param graphChunks the ONNX file in order, at most 1 MiB each; read no faster than the server takes them */
  importModelVersion(
    manifestJson: string,
    graphChunks: AsyncIterable<Uint8Array>,
  ): Promise<ImportModelVersionResponse__Output> {
    return new Promise((resolve, reject) => {
      const upload = this.models.importModelVersion(this.callOptions(), settle(resolve, reject));
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
  }

  private callOptions(): CallOptions {
    return { deadline: Date.now() + this.options.timeoutMs };
  }

  private call<Response>(
    start: (options: CallOptions, done: requestCallback<Response>) => unknown,
  ): Promise<Response> {
    return new Promise((resolve, reject) => {
      start(this.callOptions(), settle(resolve, reject));
    });
  }
}

function settle<Response>(
  resolve: (response: Response) => void,
  reject: (error: Error) => void,
): requestCallback<Response> {
  return (error: ServiceError | null, response?: Response) => {
    if (error) reject(RemoteFailure.fromServiceError(error));
    else if (response === undefined) reject(new Error('The call ended without an answer.'));
    else resolve(response);
  };
}

async function* importRequests(
  manifestJson: string,
  graphChunks: AsyncIterable<Uint8Array>,
): AsyncGenerator<ImportModelVersionRequest> {
  yield { manifestJson };
  for await (const graphChunk of graphChunks) yield { graphChunk };
}
