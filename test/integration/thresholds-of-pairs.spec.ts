import { describe, expect, it } from 'vitest';
import type { BackboneManifest } from '../../src/core/models/manifest.js';
import type {
  AnalysedFace,
  AnalysisRequest,
  FaceAnalysis,
  ServedModels,
} from '../../src/inference/analyser/face-analysis.js';
import { Identify } from '../../src/service/enrolment/identification/identify.js';
import { VerifySubject } from '../../src/service/enrolment/subjects/verify-subject.js';
import { CurrentCalibrations } from '../../src/service/verification/calibration/current-calibrations.js';
import { toVerifyResponse } from '../../src/service/verification/face-messages.js';
import { VerifyFaces } from '../../src/service/verification/verify-faces.js';
import { someCaller } from '../support/enrolments.js';
import { sampleAnalysedFace } from '../support/sample-analysed-face.js';

/** How faces look: of two sharp ones 0.2 is expected, of sharp and blurred 0.4, of two blurred 0.8, of mush and any other more. */
const looks = {
  sharp: [Math.sqrt(0.2), 0],
  blurred: [Math.sqrt(0.8), 0],
  mush: [3, 0],
} as const;
type Look = keyof typeof looks;

/** A face at an angle in the plane, so that similarities are cosines of differences. */
interface DrawnFace {
  readonly look: Look;
  readonly degrees: number;
}

function embeddingAt(degrees: number): Float32Array {
  const radians = (degrees * Math.PI) / 180;
  return Float32Array.of(Math.cos(radians), Math.sin(radians));
}

const calibration: NonNullable<BackboneManifest['calibration']> = {
  description: 'drawn strangers',
  thresholds: [
    { falseMatchRate: 1e-1, similarityThreshold: 0.3, bands: bandsFrom(0.2, 0.4) },
    { falseMatchRate: 1e-3, similarityThreshold: 0.5, bands: bandsFrom(0.4, 0.9) },
  ],
  logistic: { slope: 20, offset: -10 },
  impostorPairCount: 60_000,
};

function bandsFrom(easy: number, hard: number): (typeof calibration)['thresholds'][number]['bands'] {
  return [
    { upTo: 0.5, similarityThreshold: easy, impostorPairCount: 30_000 },
    { upTo: 1, similarityThreshold: hard, impostorPairCount: 30_000 },
  ];
}

const models: ServedModels = {
  backboneId: 'net-1',
  detectorId: 'detector-1',
  embeddingDimension: 2,
  calibration,
};

/** Finds in an "image", which is JSON, the face that it draws. */
class DrawnFaces implements FaceAnalysis {
  readonly served = models;

  analyse(requests: readonly AnalysisRequest[]) {
    const outcomes = requests.map(({ encoded }) => {
      const { look, degrees } = JSON.parse(Buffer.from(encoded).toString()) as DrawnFace;
      const face = sampleAnalysedFace;
      const drawn: AnalysedFace = {
        ...face,
        quality: { ...face.quality, appearance: looks[look] },
        embedding: embeddingAt(degrees),
      };
      return { ok: true as const, image: { width: 112, height: 112, faces: [drawn] } };
    });
    return Promise.resolve({ models, outcomes });
  }
}

const image = (look: Look, degrees: number) => ({
  encoded: Buffer.from(JSON.stringify({ look, degrees })),
  kind: 'photograph' as const,
});
const control = { signal: new AbortController().signal };
const none = { similarityThreshold: undefined, falseMatchRate: undefined };
const quality = { minimumUtility: undefined, allowLowQuality: false };
const analysis = new DrawnFaces();
const calibrations = new CurrentCalibrations(
  { newest: () => Promise.resolve(undefined) },
  { current: () => Promise.resolve({ falseMatchRate: 1e-3, set: undefined }) },
);

async function verified(
  a: Look,
  b: Look,
  options: { similarityThreshold?: number; falseMatchRate?: number } = {},
) {
  // 45 degrees: a similarity of 0.7071.
  const pair = { imageA: image(a, 0), imageB: image(b, 45) };
  const threshold = { ...none, ...options };
  const verify = new VerifyFaces(analysis, calibrations);
  return toVerifyResponse(
    await verify.execute(pair, { selection: 'exactly-one', threshold, quality }, control),
  );
}

describe('Verify', () => {
  it('asks more of a hard pair than of an easy one, and says by what', async () => {
    const easy = await verified('sharp', 'sharp');
    expect(easy).toMatchObject({ matched: true, threshold: { similarity: 0.4, falseMatchRate: 1e-3 } });
    expect(easy.threshold?.expectedImpostorSimilarity).toBeCloseTo(0.2, 6);
    expect(easy.threshold?.description).toBe(
      'FMR 1e-3 on 30000 impostor pairs that look as alike, of drawn strangers',
    );
    expect(await verified('sharp', 'blurred')).toMatchObject({
      matched: true,
      threshold: { similarity: 0.4 },
    });
    const hard = await verified('blurred', 'blurred');
    expect(hard).toMatchObject({ matched: false, threshold: { similarity: 0.9, falseMatchRate: 1e-3 } });
    // The same similarity is of one person likely in the one case, and unlikely in the other.
    expect(easy.matchProbability).toBeGreaterThan(0.99);
    expect(hard.matchProbability).toBeLessThan(0.05);
  });

  it("goes by the request's false match rate, band for band", async () => {
    expect(await verified('blurred', 'blurred', { falseMatchRate: 0.1 })).toMatchObject({
      matched: true,
      threshold: { similarity: 0.4, falseMatchRate: 0.1 },
    });
  });

  it('refuses a pair that is harder than all that is known, naming the worse face', async () => {
    await expect(verified('mush', 'sharp')).rejects.toMatchObject({
      reason: 'THRESHOLD_NOT_CALIBRATED',
      metadata: { field: 'image_a' },
      message: expect.stringContaining('The face of image_a is the worse one') as string,
    });
    expect(await verified('mush', 'sharp', { similarityThreshold: 0.7 })).toMatchObject({ matched: true });
  });

  it.each([0.29, 0.9])(
    'refuses a similarity threshold of %d, which means nothing',
    async (similarityThreshold) => {
      await expect(verified('sharp', 'sharp', { similarityThreshold })).rejects.toMatchObject({
        reason: 'INVALID_ARGUMENT',
        message: expect.stringContaining('0.3000 (FMR 1e-1), 0.5000 (FMR 1e-3)') as string,
      });
    },
  );

  it('fails in a batch for the pair alone', async () => {
    const pairs = (['sharp', 'mush'] as const).map((look) => ({
      imageA: image(look, 0),
      imageB: image('sharp', 10),
    }));
    const options = { selection: 'exactly-one', threshold: none, quality } as const;
    const results = await new VerifyFaces(analysis, calibrations).executeBatch(pairs, options, control);
    expect(results).toMatchObject([
      { ok: true },
      { ok: false, error: { reason: 'THRESHOLD_NOT_CALIBRATED' } },
    ]);
  });
});

const catchUp = () => Promise.resolve('net-1');
const about = { quality, selection: 'exactly-one', threshold: none } as const;
type Policy = 'best' | 'mean';

function templatesOf(enrolled: readonly DrawnFace[]) {
  return enrolled.map(({ look, degrees }, index) => ({
    faceId: `${look}-${index}`,
    embedding: embeddingAt(degrees),
    appearance: looks[look],
  }));
}

function verifySubject(probe: Look, policy: Policy, enrolled: readonly DrawnFace[]) {
  const templates = templatesOf(enrolled);
  const verify = new VerifySubject({
    analysis,
    subjects: { get: () => Promise.resolve({ faceCount: templates.length } as never) },
    faces: {
      templatesOf: () =>
        Promise.resolve({ templates, faceCount: templates.length, missingCount: 0, damagedCount: 0 }),
    },
    calibrations,
    models: { catchUp },
  });
  const command = { ...about, subject: 'collections/default/subjects/ada', probe: image(probe, 0), policy };
  return verify.execute(command, someCaller, control);
}

/** @param enrolled faces by subject; each subject is found by its most similar one */
async function identified(
  probe: Look,
  policy: Policy,
  enrolled: Readonly<Record<string, readonly DrawnFace[]>>,
) {
  const templates = new Map(Object.entries(enrolled).map(([id, faces]) => [id, templatesOf(faces)]));
  const candidates = [...templates].map(([subjectId, faces]) => {
    const [first, ...others] = faces.map(({ faceId, embedding: [similarity = 0] }) => ({
      faceId,
      similarity,
    }));
    return { subjectId, ...others.reduce((a, b) => (b.similarity > a.similarity ? b : a), first!) };
  });
  const identify = new Identify({
    analysis,
    collections: { get: () => Promise.resolve({ searchable: false } as never) },
    subjects: { displayNames: () => Promise.resolve(new Map()) },
    faces: { templatesOfSubjects: () => Promise.resolve(templates) },
    gallery: {
      search: () => Promise.resolve({ candidates, faceCount: 4, damagedFaceCount: 0, revision: '1' }),
    },
    calibrations,
    models: { catchUp },
  });
  const command = { ...about, collection: 'collections/default', probe: image(probe, 0), policy } as const;
  const order = { ...command, maximumCandidates: 4, method: 'exact' } as const;
  const { faces } = await identify.execute(order, someCaller, control);
  return faces[0]?.candidates ?? [];
}

describe('VerifySubject', () => {
  it('takes the face that is highest above its own threshold, not the most similar one', async () => {
    const faces = [
      { look: 'blurred', degrees: 30 },
      { look: 'sharp', degrees: 60 },
    ] as const;
    // cos 30 = 0.87 is below 0.9, cos 60 = 0.5 above 0.4: a blurred probe beside a sharp face is an easy pair.
    expect(await verifySubject('blurred', 'best', faces)).toMatchObject({
      matched: true,
      bestFaceId: 'sharp-1',
      threshold: { similarity: 0.4 },
      comparedFaceCount: 2,
    });
    // (0.866 + 0.5) / 2 = 0.683 is above (0.9 + 0.4) / 2.
    const mean = await verifySubject('blurred', 'mean', faces);
    expect(mean).toMatchObject({ matched: true });
    expect(mean.threshold.similarity).toBeCloseTo(0.65, 12);
  });

  it('passes over enrolled faces that are too poor, and refuses where all are', async () => {
    const mush = { look: 'mush', degrees: 0 } as const;
    expect(await verifySubject('sharp', 'best', [mush, { look: 'sharp', degrees: 80 }])).toMatchObject({
      matched: false,
      bestFaceId: 'sharp-1',
    });
    await expect(verifySubject('sharp', 'best', [mush])).rejects.toMatchObject({
      reason: 'THRESHOLD_NOT_CALIBRATED',
      message: expect.stringContaining('The face of the enrolled face mush-0 is the worse one') as string,
    });
  });
});

describe('Identify', () => {
  it('judges each candidate by its own threshold, and matches none that is too poor', async () => {
    const candidates = await identified('blurred', 'best', {
      mush: [{ look: 'mush', degrees: 2 }],
      blurred: [{ look: 'blurred', degrees: 30 }],
      near: [{ look: 'sharp', degrees: 60 }],
      far: [{ look: 'sharp', degrees: 80 }],
    });
    expect(
      candidates.map(({ subjectId, matched, threshold }) => [subjectId, matched, threshold?.similarity]),
    ).toEqual([
      ['near', true, 0.4],
      ['blurred', false, 0.9],
      ['far', false, 0.4],
      ['mush', false, undefined],
    ]);
  });

  it.each(['best', 'mean'] as const)(
    'says of a subject what VerifySubject says of it (%s)',
    async (policy) => {
      // The most similar face is below its threshold, the other above.
      const ada = [
        { look: 'blurred', degrees: 30 },
        { look: 'sharp', degrees: 60 },
      ] as const;
      const verified = await verifySubject('blurred', policy, ada);
      const { matched, similarity, threshold, matchProbability, bestFaceId: faceId } = verified;
      expect([matched, faceId]).toEqual([true, 'sharp-1']);
      expect(await identified('blurred', policy, { ada })).toEqual([
        { subjectId: 'ada', displayName: '', faceId, matched, similarity, threshold, matchProbability },
      ]);
    },
  );
});
