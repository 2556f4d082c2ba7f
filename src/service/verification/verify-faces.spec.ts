import { beforeEach, describe, expect, it } from 'vitest';

import { sampleAnalysedFace } from '../../../test/support/sample-analysed-face.js';
import { Failure } from '../../core/failure.js';
import type { AnalysisRequest, AnalysisResult } from '../../inference/analyser/face-analysis.js';
import { VerifyFaces } from './verify-faces.js';
import type { VerificationPair } from './verification-request.js';

const models = { backboneId: 'net-1', detectorId: 'detector-1', embeddingDimension: 2 };
const control = { signal: new AbortController().signal };
const options = {
  selection: 'exactly-one',
  threshold: { similarityThreshold: undefined, falseMatchRate: undefined },
  quality: { minimumUtility: undefined, allowLowQuality: false },
} as const;

/** An image whose one byte is the angle of its face's embedding, in degrees; 255 shows nobody. */
const image = (degrees: number) => ({ encoded: Uint8Array.of(degrees), kind: 'photograph' }) as const;
const named = (degrees: number, field: string) => ({ image: image(degrees), field });

function outcomeOf({ encoded }: AnalysisRequest): AnalysisResult {
  const [degrees = 0] = encoded;
  if (degrees === 255) return { ok: false, error: new Failure('FACE_NOT_FOUND', 'No face was found.') };
  const radians = (degrees / 180) * Math.PI;
  const embedding = Float32Array.of(Math.cos(radians), Math.sin(radians));
  return { ok: true, image: { width: 1, height: 1, faces: [{ ...sampleAnalysedFace, embedding }] } };
}

describe('VerifyFaces.executeMany', () => {
  let calls: (readonly AnalysisRequest[])[];
  let told: VerificationPair[];
  let verify: VerifyFaces;

  beforeEach(() => {
    calls = [];
    told = [];
    const analyse = (requests: readonly AnalysisRequest[]) => {
      calls.push(requests);
      return Promise.resolve({ models, outcomes: requests.map(outcomeOf) });
    };
    const threshold = { similarity: 0.5, origin: 'model-version', description: '' } as const;
    const rule = { overall: threshold, of: () => threshold, calibration: undefined };
    const calibrations = { judgement: () => Promise.resolve(rule) };
    verify = new VerifyFaces(
      { analyse },
      calibrations as unknown as ConstructorParameters<typeof VerifyFaces>[1],
      { pairVerified: (pair) => told.push(pair), subjectVerified: () => undefined },
    );
  });

  it('looks at the probe once, and answers in the order of the images', async () => {
    const others = [named(90, 'images[0]'), named(0, 'images[1]'), named(60, 'images[2]')];
    const results = await verify.executeMany(image(0), others, options, control);
    expect(calls.map((requests) => requests.map(({ encoded }) => encoded[0]))).toEqual([[0, 90, 0, 60]]);
    const similarities = results.map((result) => (result.ok ? result.verification.similarity : NaN));
    for (const [index, expected] of [0, 1, 0.5].entries())
      expect(similarities[index]).toBeCloseTo(expected, 6);
    expect(results.map((result) => result.ok && result.verification.matched)).toEqual([false, true, true]);
    expect(told.map(({ imageA, imageB }) => [imageA.encoded[0], imageB.encoded[0]])).toEqual([
      [0, 90],
      [0, 0],
      [0, 60],
    ]);
  });

  it('lets a bad image fail alone, under the field that it came from', async () => {
    const others = [named(0, 'images[0]'), named(255, 'images[5]')];
    const [good, bad] = await verify.executeMany(image(0), others, options, control);
    expect(good).toMatchObject({ ok: true });
    expect(bad).toMatchObject({
      ok: false,
      error: { reason: 'FACE_NOT_FOUND', metadata: { field: 'images[5]' } },
    });
  });

  it('fails as a whole for a bad probe', async () => {
    await expect(
      verify.executeMany(image(255), [named(0, 'images[0]')], options, control),
    ).rejects.toMatchObject({
      reason: 'FACE_NOT_FOUND',
      metadata: { field: 'probe' },
    });
    expect(told).toEqual([]);
  });
});
