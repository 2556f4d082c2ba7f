import { Controller, Inject, UseFilters } from '@nestjs/common';
import { GrpcMethod } from '@nestjs/microservices';
import { from, type Observable } from 'rxjs';
import { ReadTrainingReport, type TrainingReportFormat } from './read-training-report.js';
import type { GetTrainingReportRequest__Output } from '../../../generated/symface/v1/GetTrainingReportRequest.js';
import type { GetTrainingReportResponse } from '../../../generated/symface/v1/GetTrainingReportResponse.js';
import { jobId } from '../../platform/grpc/resource-names.js';
import { FailureFilter } from '../../platform/grpc/failure.filter.js';
import { invalidField } from '../../../core/invalid-field.js';

/** It is far below the 4 MiB that gRPC's clients take by default. */
const largestChunkBytes = 256 * 1024;

/** Reports of trainings in symface.v1.TrainingService. */
@UseFilters(FailureFilter)
@Controller()
export class TrainingReportController {
  constructor(@Inject(ReadTrainingReport) private readonly reports: ReadTrainingReport) {}

  @GrpcMethod('TrainingService', 'GetTrainingReport')
  getTrainingReport({
    name,
    format,
  }: GetTrainingReportRequest__Output): Observable<GetTrainingReportResponse> {
    return from(chunksOf(this.reports.execute(jobId(name), readFormat(format))));
  }
}

/** @throws Failure INVALID_ARGUMENT for one that this version does not know */
function readFormat(format: GetTrainingReportRequest__Output['format']): TrainingReportFormat {
  switch (format) {
    case 'TRAINING_REPORT_FORMAT_UNSPECIFIED':
    case 'TRAINING_REPORT_FORMAT_HTML':
      return 'html';
    case 'TRAINING_REPORT_FORMAT_LOG':
      return 'log';
    default:
      throw invalidField('format', 'is not a known TrainingReportFormat');
  }
}

async function* chunksOf(pieces: AsyncIterable<Uint8Array>): AsyncGenerator<GetTrainingReportResponse> {
  for await (const piece of pieces) {
    for (let start = 0; start < piece.length; start += largestChunkBytes) {
      yield { chunk: Buffer.from(piece.subarray(start, start + largestChunkBytes)) };
    }
  }
}
