import type { RegisteredDataset } from '../../core/protocols/benchmark-dataset.js';
import { VERIFICATION_FORMATS } from '../../datasets/verification/verification-formats.js';
import type { Evaluation as DomainEvaluation } from './evaluation.js';
import type { FacelessPolicy as Policy } from '../../core/protocols/faceless-policy.js';
import type { VerificationReport as DomainReport } from '../../core/protocols/verification-report.js';
import { Failure } from '../../core/failure.js';
import type { Dataset } from '../../generated/symface/v1/Dataset.js';
import { DatasetFormat, type DatasetFormat__Output } from '../../generated/symface/v1/DatasetFormat.js';
import type { Evaluation } from '../../generated/symface/v1/Evaluation.js';
import type { FacelessPolicy__Output } from '../../generated/symface/v1/FacelessPolicy.js';
import type { EvaluationState } from '../../generated/symface/v1/EvaluationState.js';
import type { VerificationReport } from '../../generated/symface/v1/VerificationReport.js';
import { modelName } from '../models/model-messages.js';
import { invalidField, readUuidName } from '../platform/grpc/request-fields.js';
import { richStatus } from '../platform/grpc/rich-status.js';

/** The format that a value of DatasetFormat means: DATASET_FORMAT_LFW_PAIRS is lfw-pairs. @throws Failure INVALID_ARGUMENT */
export function readFormat(format: DatasetFormat__Output): string {
  const found = VERIFICATION_FORMATS.find(({ name }) => messageFormat(name) === format);
  if (found === undefined) throw invalidField('format', 'must be one of DatasetFormat');
  return found.name;
}

/** The value of DatasetFormat that means a format. @throws Error where the contract has none for it */
export function messageFormat(name: string): DatasetFormat__Output {
  const value = `DATASET_FORMAT_${name.toUpperCase().replaceAll('-', '_')}`;
  const found = Object.values(DatasetFormat).find((known) => known === value);
  if (found === undefined) throw new Error(`the contract has no ${value}`);
  return found;
}

/** @throws Failure INVALID_ARGUMENT */
export function readFacelessPolicy(policy: FacelessPolicy__Output): Policy {
  switch (policy) {
    case 'FACELESS_POLICY_UNSPECIFIED':
    case 'FACELESS_POLICY_DIFFERENT':
      return 'different';
    case 'FACELESS_POLICY_EXCLUDED':
      return 'excluded';
    default:
      throw invalidField('faceless_policy', 'is not a known FacelessPolicy');
  }
}

/** @throws Failure INVALID_ARGUMENT unless the name is "datasets/{id}" */
export function datasetId(name: string, field: string): string {
  const id = /^datasets\/(?<id>[a-z0-9][a-z0-9._-]{0,62})$/u.exec(name)?.groups?.['id'];
  if (id === undefined) throw invalidField(field, 'must be "datasets/{id}"');
  return id;
}

/** @throws Failure INVALID_ARGUMENT unless the name is "evaluations/{id}" */
export function evaluationId(name: string, field = 'name'): string {
  return readUuidName(name, 'evaluations', field);
}

export function toDatasetMessage(dataset: RegisteredDataset): Dataset {
  const { id, format, imageKind, pairCount, imageCount, createTime } = dataset;
  return {
    name: `datasets/${id}`,
    format: messageFormat(format),
    imageKind: imageKind === 'photograph' ? 'IMAGE_KIND_PHOTOGRAPH' : 'IMAGE_KIND_ALIGNED_CROP',
    pairCount,
    imageCount,
    createTime: createTime.toISOString(),
  };
}

export function toEvaluationMessage(evaluation: DomainEvaluation, withReport = true): Evaluation {
  const { end } = evaluation;
  return {
    name: `evaluations/${evaluation.id}`,
    dataset: `datasets/${evaluation.datasetId}`,
    modelVersion: modelName(evaluation.modelVersion),
    detectorVersion: modelName(evaluation.detectorVersion),
    state: stateOf(evaluation),
    imageCount: evaluation.imageCount,
    finishedImageCount: evaluation.finishedImageCount,
    createTime: evaluation.createTime.toISOString(),
    facelessPolicy:
      evaluation.facelessPolicy === 'excluded' ? 'FACELESS_POLICY_EXCLUDED' : 'FACELESS_POLICY_DIFFERENT',
    codeVersion: evaluation.codeVersion,
    ...progressOf(evaluation),
    endTime: evaluation.endTime?.toISOString() ?? '',
    report: withReport && end?.state === 'succeeded' ? toReportMessage(end.report, end.datasetDigest) : null,
    error:
      end?.state === 'failed'
        ? richStatus(end.reason === undefined ? undefined : new Failure(end.reason, end.message))
        : null,
  };
}

function progressOf({
  imageCount,
  finishedImageCount,
  imagesPerSecond = 0,
}: DomainEvaluation): Pick<Evaluation, 'imagesPerSecond' | 'remainingSeconds'> {
  if (imagesPerSecond === 0) return { imagesPerSecond };
  return { imagesPerSecond, remainingSeconds: (imageCount - finishedImageCount) / imagesPerSecond };
}

function stateOf({ end }: DomainEvaluation): EvaluationState {
  switch (end?.state) {
    case undefined:
      return 'EVALUATION_STATE_RUNNING';
    case 'succeeded':
      return 'EVALUATION_STATE_SUCCEEDED';
    case 'failed':
      return 'EVALUATION_STATE_FAILED';
    case 'cancelled':
      return 'EVALUATION_STATE_CANCELLED';
  }
}

function toReportMessage(report: DomainReport, datasetDigest: string): VerificationReport {
  const { accuracy, trueAcceptRates, frontnessSlices, equalErrorRateInterval } = report;
  return {
    genuinePairCount: report.genuinePairCount,
    impostorPairCount: report.impostorPairCount,
    facelessImageCount: report.facelessImageCount,
    facelessPairCount: report.facelessPairCount,
    accuracyMean: accuracy.mean,
    accuracyStandardDeviation: accuracy.standardDeviation,
    folds: accuracy.folds.map((fold) => ({ ...fold })),
    trueAcceptRates: trueAcceptRates.map(({ interval, similarityThreshold, ...rates }) => ({
      ...rates,
      interval: interval ?? null,
      similarityThresholdInterval: rates.similarityThresholdInterval ?? null,
      ...(similarityThreshold !== undefined && { similarityThreshold }),
    })),
    equalErrorRate: report.equalErrorRate,
    equalErrorRateInterval: equalErrorRateInterval ?? null,
    areaUnderCurve: report.areaUnderCurve,
    meanEmbeddingNorm: report.meanEmbeddingNorm,
    frontnessSlices: frontnessSlices.map((slice) => ({ ...slice })),
    ...(report.classVariance !== undefined && {
      interClassVariance: report.classVariance.interClass,
      intraClassVariance: report.classVariance.intraClass,
    }),
    datasetDigest,
    reportJson: JSON.stringify(report),
  };
}
