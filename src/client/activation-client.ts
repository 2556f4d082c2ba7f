import type { Activation__Output } from '../generated/symface/v1/Activation.js';
import type { ListActivationsResponse__Output } from '../generated/symface/v1/ListActivationsResponse.js';
import type { ModelServiceClient } from '../generated/symface/v1/ModelService.js';
import type { WatchActivationResponse__Output } from '../generated/symface/v1/WatchActivationResponse.js';
import { symFaceServices } from '../service/platform/grpc/proto-definition.js';
import type { Connection } from './connection.js';
import { everyPage } from './every-page.js';

/** Calls ModelService about changes of the backbone. Names are resource names such as `activations/{id}`. */
export class ActivationClient {
  private readonly stub: ModelServiceClient;

  constructor(private readonly connection: Connection) {
    const { ModelService } = symFaceServices();
    this.stub = new ModelService(connection.server, connection.credentials, connection.channelOptions);
  }

  async create(modelVersion: string, skipAssessment = false): Promise<Activation__Output> {
    const request = { modelVersion, skipAssessment };
    return activationIn(
      await this.connection.call((...call) => this.stub.createActivation(request, ...call)),
    );
  }

  async rollBack(): Promise<Activation__Output> {
    return activationIn(await this.connection.call((...call) => this.stub.rollBackActivation({}, ...call)));
  }

  async get(name: string): Promise<Activation__Output> {
    return activationIn(await this.connection.call((...call) => this.stub.getActivation({ name }, ...call)));
  }

  async cancel(name: string): Promise<Activation__Output> {
    return activationIn(
      await this.connection.call((...call) => this.stub.cancelActivation({ name }, ...call)),
    );
  }

  /** Newest first; page after page, as they are asked for. */
  list(): AsyncGenerator<Activation__Output> {
    return everyPage(async (pageToken) => {
      const page: ListActivationsResponse__Output = await this.connection.call((...call) =>
        this.stub.listActivations({ pageToken }, ...call),
      );
      return { items: page.activations, nextPageToken: page.nextPageToken };
    });
  }

  /** Its states until it has ended, however long that takes. */
  async *watch(name: string): AsyncGenerator<Activation__Output> {
    const responses = this.connection.responses<WatchActivationResponse__Output>((metadata) =>
      this.stub.watchActivation({ name }, metadata),
    );
    for await (const { activation } of responses) if (activation !== null) yield activation;
  }

  close(): void {
    this.stub.close();
  }
}

function activationIn({
  activation,
}: {
  readonly activation: Activation__Output | null;
}): Activation__Output {
  if (activation === null) throw new Error('The server answered without an activation.');
  return activation;
}
