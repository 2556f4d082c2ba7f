import { expect, it } from 'vitest';
import { resolveThreshold } from '../../../core/verification/threshold.js';
import { judgeCandidates } from './judge-candidates.js';

const request = { similarityThreshold: 0.5, falseMatchRate: undefined };
const nothing = { calibration: undefined, recordedCalibration: undefined, recordedThreshold: undefined };
const rule = resolveThreshold(request, nothing, 1e-3);

function faceOf(faceId: string, degrees: number) {
  const angle = (degrees * Math.PI) / 180;
  return { faceId, embedding: Float32Array.of(Math.cos(angle), Math.sin(angle)), appearance: undefined };
}

function found(subjectId: string, similarity: number) {
  return { subjectId, faceId: `${subjectId}-1`, similarity };
}

it('ranks subjects by all their faces, not by the one that they were found by, and drops who is gone', () => {
  const probe = faceOf('probe', 0);
  const candidates = [found('once', 1), found('gone', 0.99), found('often', Math.cos(Math.PI / 6))];
  const templates = new Map([
    ['once', [faceOf('once-1', 0), faceOf('once-2', 120)]],
    ['often', [faceOf('often-1', 30), faceOf('often-2', 30)]],
  ]);
  const judged = judgeCandidates(rule, 'mean', candidates, probe, templates);
  expect(judged.map(({ subjectId, faceId, matched }) => [subjectId, faceId, matched])).toEqual([
    ['often', 'often-1', true],
    ['once', 'once-1', false],
  ]);
  expect(judged[0]?.similarity).toBeCloseTo(Math.cos(Math.PI / 6), 6);
  // Two unit vectors 120 degrees apart: their mean is half as long; the cosines are 1 and -1/2.
  expect(judged[1]?.similarity).toBeCloseTo(0.25 / 0.5 ** 0.75, 6);
});
