import type { Metadata } from '@grpc/grpc-js';
import { Controller, Inject, UseFilters } from '@nestjs/common';
import { GrpcMethod } from '@nestjs/microservices';
import { callerOf } from '../access/call-caller.js';
import { FailureFilter } from '../platform/grpc/failure.filter.js';
import { readText } from '../platform/grpc/request-fields.js';
import { readImageKind } from '../verification/image-fields.js';
import { ManageDatasets } from './manage-datasets.js';
import { readPage, timeAndUuidKey } from '../platform/page.js';
import type { CreateBenchmarkRunRequest__Output } from '../../generated/symface/v1/CreateBenchmarkRunRequest.js';
import type { CreateBenchmarkRunResponse } from '../../generated/symface/v1/CreateBenchmarkRunResponse.js';
import type { GetBenchmarkRunRequest__Output } from '../../generated/symface/v1/GetBenchmarkRunRequest.js';
import type { GetBenchmarkRunResponse } from '../../generated/symface/v1/GetBenchmarkRunResponse.js';
import type { ListBenchmarkRunsRequest__Output } from '../../generated/symface/v1/ListBenchmarkRunsRequest.js';
import type { ListBenchmarkRunsResponse } from '../../generated/symface/v1/ListBenchmarkRunsResponse.js';
import type { ListDatasetsRequest__Output } from '../../generated/symface/v1/ListDatasetsRequest.js';
import type { ListDatasetsResponse } from '../../generated/symface/v1/ListDatasetsResponse.js';
import type { RegisterDatasetRequest__Output } from '../../generated/symface/v1/RegisterDatasetRequest.js';
import type { RegisterDatasetResponse } from '../../generated/symface/v1/RegisterDatasetResponse.js';
import { toJobMessage } from '../jobs/job-messages.js';
import { benchmarkRunId, datasetId, modelId } from '../platform/grpc/resource-names.js';
import {
  readFacelessPolicy,
  readFormat,
  toBenchmarkJobMessage,
  toBenchmarkRunMessage,
  toDatasetMessage,
  toReportedRunMessage,
} from './benchmark-messages.js';
import { runOrderKey } from './benchmark.store.js';
import { CreateBenchmarkRun } from './create-benchmark-run.js';
import { BenchmarkStore } from './benchmark.store.js';

const service = 'BenchmarkService';
const maximumPathCharacters = 4096;

/** Data sets and benchmark runs in symface.v1.BenchmarkService. */
@UseFilters(FailureFilter)
@Controller()
export class BenchmarkController {
  constructor(
    @Inject(ManageDatasets) private readonly datasets: ManageDatasets,
    @Inject(CreateBenchmarkRun) private readonly creation: CreateBenchmarkRun,
    @Inject(BenchmarkStore) private readonly runs: BenchmarkStore,
  ) {}

  @GrpcMethod(service, 'RegisterDataset')
  async registerDataset(
    request: RegisterDatasetRequest__Output,
    metadata: Metadata,
  ): Promise<RegisterDatasetResponse> {
    const source = {
      format: readFormat(request.format),
      path: readText(request.path, 'path', maximumPathCharacters),
      imageFolder: readText(request.imageFolder, 'image_folder', maximumPathCharacters),
      imageKind: readImageKind(request, 'image_kind'),
    };
    const { datasetId: id } = request;
    const { dataset, passedOver = '' } = await this.datasets.register(id, source, callerOf(metadata));
    return { dataset: toDatasetMessage(dataset), passedOver };
  }

  @GrpcMethod(service, 'ListDatasets')
  async listDatasets(request: ListDatasetsRequest__Output): Promise<ListDatasetsResponse> {
    const { items, nextPageToken = '' } = await this.datasets.list(request);
    return { datasets: items.map(toDatasetMessage), nextPageToken };
  }

  @GrpcMethod(service, 'CreateBenchmarkRun')
  async createRun(
    { dataset, facelessPolicy, modelVersion }: CreateBenchmarkRunRequest__Output,
    metadata: Metadata,
  ): Promise<CreateBenchmarkRunResponse> {
    const request = {
      datasetId: datasetId(dataset, 'dataset'),
      facelessPolicy: readFacelessPolicy(facelessPolicy),
      modelVersion: modelVersion === '' ? undefined : modelId(modelVersion, 'model_version'),
    };
    const job = await this.creation.execute(request, callerOf(metadata));
    return { job: toJobMessage(job, { benchmarkRun: toBenchmarkJobMessage(job) }) };
  }

  @GrpcMethod(service, 'GetBenchmarkRun')
  async getRun({ name }: GetBenchmarkRunRequest__Output): Promise<GetBenchmarkRunResponse> {
    return { benchmarkRun: toReportedRunMessage(await this.runs.getRun(benchmarkRunId(name, 'name'))) };
  }

  @GrpcMethod(service, 'ListBenchmarkRuns')
  async listRuns(request: ListBenchmarkRunsRequest__Output): Promise<ListBenchmarkRunsResponse> {
    const { items, nextPageToken = '' } = await readPage(
      'benchmark runs',
      request,
      async (query) => this.runs.listRuns(query),
      runOrderKey,
      timeAndUuidKey,
    );
    return { benchmarkRuns: items.map(toBenchmarkRunMessage), nextPageToken };
  }
}
