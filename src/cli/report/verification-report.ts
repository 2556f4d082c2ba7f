import type { VerifyResponse__Output } from '../../generated/symface/v1/VerifyResponse.js';
import type { ImageFile } from '../image-file.js';
import { faceJson } from './face-report.js';

type Verdict = Pick<VerifyResponse__Output, 'matched' | 'similarity' | 'threshold' | 'matchProbability'>;

/** A comparison in one line: whether it matches, by which similarity and which threshold. */
export function verdictLine(response: Verdict): string {
  const { matched, similarity, threshold } = response;
  const verdict = matched ? 'MATCH' : 'NO MATCH';
  const limit = threshold === null ? 'unknown' : threshold.similarity.toFixed(4);
  return `${verdict}  similarity ${similarity.toFixed(4)}, threshold ${limit}${thresholdOrigin(response)}${probability(response)}`;
}

/** Certainty is more than a calibration knows. */
const certainProbability = 0.9995;

function probability({ matchProbability }: Verdict): string {
  if (matchProbability === undefined) return '';
  const isCertain = Math.max(matchProbability, 1 - matchProbability) > certainProbability;
  const bound = matchProbability > 0.5 ? '> 99.9 %' : '< 0.1 %';
  return `, match probability ${isCertain ? bound : `${(matchProbability * 100).toFixed(1)} %`}`;
}

function thresholdOrigin({ threshold }: Verdict): string {
  if (threshold === null) return '';
  if (threshold.origin === 'THRESHOLD_ORIGIN_REQUEST') return ' (as asked)';
  const calibrated = threshold.origin === 'THRESHOLD_ORIGIN_CALIBRATION' ? 'calibrated' : "the model's own";
  return ` (${calibrated}${threshold.description === '' ? '' : `: ${threshold.description}`})`;
}

/** A comparison of two images as one JSON object. */
export function verificationJson(
  response: VerifyResponse__Output,
  [a, b]: readonly [Pick<ImageFile, 'path'>, Pick<ImageFile, 'path'>],
): string {
  const { matched, similarity, threshold, modelVersion, detectorVersion, faceA, faceB } = response;
  const { matchProbability, qualityFindings } = response;
  return JSON.stringify({
    matched,
    similarity,
    threshold,
    matchProbability,
    qualityFindings,
    modelVersion,
    detectorVersion,
    imageA: { file: a.path, face: faceJson(faceA) },
    imageB: { file: b.path, face: faceJson(faceB) },
  });
}
