import type { RegisteredDataset } from '../../core/protocols/benchmark-dataset.js';
import { VERIFICATION_FORMATS } from '../../datasets/verification/verification-formats.js';
import type { FacelessPolicy as Policy } from '../../core/protocols/faceless-policy.js';
import type { VerificationReport as DomainReport } from '../../core/protocols/verification-report.js';
import { contractFormat } from '../../contract/dataset-format.js';
import type { Job } from '../jobs/job.js';
import type { BenchmarkRun } from '../../generated/symface/v1/BenchmarkRun.js';
import type { Dataset } from '../../generated/symface/v1/Dataset.js';
import type { DatasetFormat__Output } from '../../generated/symface/v1/DatasetFormat.js';
import type { FacelessPolicy__Output } from '../../generated/symface/v1/FacelessPolicy.js';
import type { VerificationReport } from '../../generated/symface/v1/VerificationReport.js';
import { invalidField } from '../../core/invalid-field.js';
import { benchmarkRunName, datasetName, modelName } from '../platform/grpc/resource-names.js';
import {
  type BenchmarkOrder,
  benchmarkOrderOf,
  type BenchmarkProgress,
  benchmarkProgressOf,
  type BenchmarkRun as DomainRun,
} from './benchmark-run.js';

/** The format that a value of DatasetFormat means: DATASET_FORMAT_LFW_PAIRS is lfw-pairs. @throws Failure INVALID_ARGUMENT */
export function readFormat(format: DatasetFormat__Output): string {
  const found = VERIFICATION_FORMATS.find(({ name }) => contractFormat(name) === format);
  if (found === undefined) throw invalidField('format', 'must be one of DatasetFormat');
  return found.name;
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

export function toDatasetMessage(dataset: RegisteredDataset): Dataset {
  const { id, format, imageKind, pairCount, imageCount, createTime } = dataset;
  return {
    name: datasetName(id),
    format: contractFormat(format),
    imageKind: imageKind === 'photograph' ? 'IMAGE_KIND_PHOTOGRAPH' : 'IMAGE_KIND_ALIGNED_CROP',
    pairCount,
    imageCount,
    createTime: createTime.toISOString(),
  };
}

/** The message of a run, without its report. */
export function toBenchmarkRunMessage(run: DomainRun): BenchmarkRun {
  return {
    ...toOrderMessage(run),
    name: benchmarkRunName(run.id),
    finishedImageCount: run.imageCount,
    codeVersion: run.codeVersion,
    createTime: run.createTime.toISOString(),
  };
}

export function toReportedRunMessage(run: DomainRun): BenchmarkRun {
  return { ...toBenchmarkRunMessage(run), report: toReportMessage(run.report, run.datasetDigest) };
}

/** What clients see of the work of a benchmark job. */
export function toBenchmarkJobMessage(job: Job): BenchmarkRun {
  const order = benchmarkOrderOf(job);
  const message = toOrderMessage(order);
  if (job.state === 'succeeded') {
    return { ...message, name: benchmarkRunName(job.id), finishedImageCount: order.imageCount };
  }
  const progress = benchmarkProgressOf(job);
  return {
    ...message,
    finishedImageCount: progress?.finishedImageCount ?? 0,
    ...(job.state === 'running' && progress !== undefined && speedOf(order, progress)),
  };
}

function toOrderMessage(order: BenchmarkOrder): BenchmarkRun {
  return {
    dataset: datasetName(order.datasetId),
    modelVersion: modelName(order.modelVersion),
    detectorVersion: modelName(order.detectorVersion),
    facelessPolicy:
      order.facelessPolicy === 'excluded' ? 'FACELESS_POLICY_EXCLUDED' : 'FACELESS_POLICY_DIFFERENT',
    imageCount: order.imageCount,
  };
}

function speedOf(
  { imageCount }: BenchmarkOrder,
  { finishedImageCount, imagesPerSecond }: BenchmarkProgress,
): Pick<BenchmarkRun, 'imagesPerSecond' | 'remainingSeconds'> {
  if (imagesPerSecond === 0) return {};
  return { imagesPerSecond, remainingSeconds: (imageCount - finishedImageCount) / imagesPerSecond };
}

/** @param datasetDigest SHA-256 of the pairs and of every image, hex */
export function toReportMessage(report: DomainReport, datasetDigest: string): VerificationReport {
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
    halves: report.halves ?? null,
    datasetDigest,
    reportJson: JSON.stringify(report),
  };
}
