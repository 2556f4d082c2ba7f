import type { PairedComparison } from '../../core/protocols/compare-pair-scores.js';
import type {
  ModelCalibration as DomainCalibration,
  RecordedCalibration,
} from '../../core/protocols/calibration/model-calibration.js';
import type { WorstPairPhotographs } from './show-worst-pairs.js';
import type { CompareBenchmarkRunsResponse } from '../../generated/symface/v1/CompareBenchmarkRunsResponse.js';
import type { ModelCalibration } from '../../generated/symface/v1/ModelCalibration.js';
import type { WorstPair } from '../../generated/symface/v1/WorstPair.js';
import { benchmarkRunName, modelName } from '../platform/grpc/resource-names.js';

export function toCalibrationMessage(calibration: DomainCalibration): ModelCalibration {
  const { benchmarkRunId } = calibration;
  return {
    ...knownMessage(calibration),
    modelVersion: modelName(calibration.modelVersion),
    benchmarkRun: benchmarkRunId === undefined ? '' : benchmarkRunName(benchmarkRunId),
    createTime: calibration.createTime.toISOString(),
  };
}

export function toRecordedCalibrationMessage(
  modelVersion: string,
  calibration: RecordedCalibration,
): ModelCalibration {
  return { ...knownMessage(calibration), modelVersion: modelName(modelVersion) };
}

function knownMessage(calibration: RecordedCalibration): ModelCalibration {
  const { description, thresholds, logistic, impostorPairCount, similarityBands = [] } = calibration;
  return {
    description,
    thresholds: thresholds.map(({ bands, ...threshold }) => ({
      ...threshold,
      bands: bands.map(({ upTo, ...band }) => ({ ...band, highestExpectedImpostorSimilarity: upTo })),
    })),
    probabilitySlope: logistic.slope,
    probabilityOffset: logistic.offset,
    impostorPairCount,
    similarityBands: similarityBands.map(({ upTo, genuine, impostor }) => ({
      genuine: [...genuine],
      impostor: [...impostor],
      highestExpectedImpostorSimilarity: upTo,
    })),
  };
}

export function toComparisonMessage(comparison: PairedComparison): CompareBenchmarkRunsResponse {
  return {
    pairCount: comparison.pairCount,
    onlyFirstRightCount: comparison.onlyFirst,
    onlySecondRightCount: comparison.onlySecond,
    pValue: comparison.pValue,
    accuracyDifference: comparison.accuracyDifference,
    accuracyDifferenceInterval: comparison.accuracyInterval ?? null,
    trueAcceptRateDifferences: comparison.trueAcceptRateDifferences.map((rate) => ({
      ...rate,
      interval: rate.interval ?? null,
    })),
  };
}

export function toWorstPairMessage({ similarity, first, second }: WorstPairPhotographs): WorstPair {
  const image = ({ name, alignedPng }: WorstPairPhotographs['first']) => ({
    name,
    alignedPng: Buffer.from(alignedPng),
  });
  return { similarity, first: image(first), second: image(second) };
}
