import type { CalibrateModelVersionRequest } from '../generated/symface/v1/CalibrateModelVersionRequest.js';
import type { CalibrateModelVersionResponse__Output } from '../generated/symface/v1/CalibrateModelVersionResponse.js';
import type { CancelEvaluationResponse__Output } from '../generated/symface/v1/CancelEvaluationResponse.js';
import type { CompareEvaluationsResponse__Output } from '../generated/symface/v1/CompareEvaluationsResponse.js';
import type { CreateEvaluationResponse__Output } from '../generated/symface/v1/CreateEvaluationResponse.js';
import type { Dataset__Output } from '../generated/symface/v1/Dataset.js';
import type { Evaluation__Output } from '../generated/symface/v1/Evaluation.js';
import type { EvaluationServiceClient } from '../generated/symface/v1/EvaluationService.js';
import type { FacelessPolicy } from '../generated/symface/v1/FacelessPolicy.js';
import type { GetEvaluationResponse__Output } from '../generated/symface/v1/GetEvaluationResponse.js';
import type { GetModelCalibrationResponse__Output } from '../generated/symface/v1/GetModelCalibrationResponse.js';
import type { ListDatasetsResponse__Output } from '../generated/symface/v1/ListDatasetsResponse.js';
import type { ListEvaluationsResponse__Output } from '../generated/symface/v1/ListEvaluationsResponse.js';
import type { ListWorstPairsResponse__Output } from '../generated/symface/v1/ListWorstPairsResponse.js';
import type { RegisterDatasetRequest } from '../generated/symface/v1/RegisterDatasetRequest.js';
import type { RegisterDatasetResponse__Output } from '../generated/symface/v1/RegisterDatasetResponse.js';
import type { WatchEvaluationResponse__Output } from '../generated/symface/v1/WatchEvaluationResponse.js';
import { symFaceServices } from '../service/platform/grpc/proto-definition.js';
import type { Connection } from './connection.js';
import { everyPage } from './every-page.js';

/** Calls EvaluationService. Names are resource names such as `evaluations/{id}`. */
export class EvaluationClient {
  private readonly stub: EvaluationServiceClient;

  constructor(private readonly connection: Connection) {
    const { EvaluationService } = symFaceServices();
    this.stub = new EvaluationService(connection.server, connection.credentials, connection.channelOptions);
  }

  registerDataset(request: RegisterDatasetRequest): Promise<RegisterDatasetResponse__Output> {
    return this.connection.call((...call) => this.stub.registerDataset(request, ...call));
  }

  /** Page after page, as they are asked for. */
  listDatasets(): AsyncGenerator<Dataset__Output> {
    return everyPage(async (pageToken) => {
      const page: ListDatasetsResponse__Output = await this.connection.call((...call) =>
        this.stub.listDatasets({ pageToken }, ...call),
      );
      return { items: page.datasets, nextPageToken: page.nextPageToken };
    });
  }

  createEvaluation(
    dataset: string,
    facelessPolicy: FacelessPolicy = 'FACELESS_POLICY_DIFFERENT',
    modelVersion = '',
  ): Promise<CreateEvaluationResponse__Output> {
    const request = { dataset, facelessPolicy, modelVersion };
    return this.connection.call((...call) => this.stub.createEvaluation(request, ...call));
  }

  compareEvaluations(first: string, second: string): Promise<CompareEvaluationsResponse__Output> {
    return this.connection.call((...call) => this.stub.compareEvaluations({ first, second }, ...call));
  }

  calibrateModelVersion(
    request: CalibrateModelVersionRequest,
  ): Promise<CalibrateModelVersionResponse__Output> {
    return this.connection.call((...call) => this.stub.calibrateModelVersion(request, ...call));
  }

  getModelCalibration(modelVersion: string): Promise<GetModelCalibrationResponse__Output> {
    return this.connection.call((...call) => this.stub.getModelCalibration({ modelVersion }, ...call));
  }

  listWorstPairs(evaluation: string): Promise<ListWorstPairsResponse__Output> {
    return this.connection.call((...call) => this.stub.listWorstPairs({ evaluation }, ...call));
  }

  getEvaluation(name: string): Promise<GetEvaluationResponse__Output> {
    return this.connection.call((...call) => this.stub.getEvaluation({ name }, ...call));
  }

  /** Newest first; page after page, as they are asked for. */
  listEvaluations(): AsyncGenerator<Evaluation__Output> {
    return everyPage(async (pageToken) => {
      const page: ListEvaluationsResponse__Output = await this.connection.call((...call) =>
        this.stub.listEvaluations({ pageToken }, ...call),
      );
      return { items: page.evaluations, nextPageToken: page.nextPageToken };
    });
  }

  cancelEvaluation(name: string): Promise<CancelEvaluationResponse__Output> {
    return this.connection.call((...call) => this.stub.cancelEvaluation({ name }, ...call));
  }

  /** Its states until it has ended, however long that takes. */
  async *watchEvaluation(name: string): AsyncGenerator<Evaluation__Output> {
    const responses = this.connection.responses<WatchEvaluationResponse__Output>((metadata) =>
      this.stub.watchEvaluation({ name }, metadata),
    );
    for await (const { evaluation } of responses) if (evaluation !== null) yield evaluation;
  }

  close(): void {
    this.stub.close();
  }
}
