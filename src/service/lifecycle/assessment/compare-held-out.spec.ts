import { describe, expect, it } from 'vitest';
import { comparePairScores } from '../../../core/protocols/compare-pair-scores.js';
import type { MeasuredModels } from '../../../core/protocols/measured-models.js';
import { verificationReport } from '../../../core/protocols/verification-report.js';
import { arcFaceTemplate } from '../../../core/faces/alignment-template.js';
import type { AnalysisBatch, FaceAnalysis } from '../../../inference/analyser/face-analysis.js';
import type { ConsentingFace, HeldOutFaceStore } from './held-out-face.store.js';
import { heldOutOf } from '../retraining/held-out-identities.js';
import { CompareHeldOut } from './compare-held-out.js';
import { MeasureHeldOut } from './measure-held-out.js';

const identities = Array.from({ length: 30 }, (_, index) => `subject-${index}`);
const faces: readonly ConsentingFace[] = identities.flatMap((identity, person) =>
  Array.from({ length: 4 }, (_, index) => ({ faceId: `${person}/${index}`, identity, collection: '1' })),
);
const baseline: MeasuredModels = { modelVersion: 'net-1', detectorVersion: 'detector-1' };
const candidate: MeasuredModels = { modelVersion: 'net-2', detectorVersion: 'detector-1' };
const control = { signal: new AbortController().signal, onFaces: () => undefined };

/** The crop says whose face it is: the good model knows persons, the poor one nobody but odd from even. */
function embeddingOf(model: string, faceId: string): Float32Array {
  const person = Number(faceId.split('/')[0]);
  const place = model === 'net-2' ? person : person % 2;
  return Float32Array.from({ length: 30 }, (_, index) => (index === place ? 1 : 0));
}

/** The good model knows halves, too; to the poor one all are one. */
function halvesOf(model: string, faceId: string) {
  const half = embeddingOf('net-2', model === 'net-2' ? faceId : '0/0');
  return { left: half, right: half };
}

class Crops implements Pick<HeldOutFaceStore, keyof HeldOutFaceStore> {
  readonly read: string[] = [];
  constructor(private readonly isThere: (faceId: string) => boolean = () => true) {}
  async consentingFaces() {
    return Promise.resolve(faces);
  }
  async crops(faceIds: readonly string[]) {
    this.read.push(...faceIds);
    const { landmarks } = arcFaceTemplate;
    return Promise.resolve(
      faceIds.filter(this.isThere).map((faceId) => ({
        faceId,
        crop: { encoded: Buffer.from(faceId), width: 1, height: 1, landmarks },
      })),
    );
  }
}

const analysisBy = (answering: string): FaceAnalysis => ({
  analyse: (requests) =>
    Promise.resolve({
      models: { backboneId: answering, detectorId: 'detector-1' },
      outcomes: requests.map(({ encoded }) => ({
        ok: true,
        image: {
          width: 1,
          height: 1,
          faces: [
            {
              rho: 0.5,
              quality: { embeddingNorm: 1, faceSizePixels: 1, sharpness: 1, pose: { yawDegrees: 0 } },
              embedding: embeddingOf(answering, Buffer.from(encoded).toString()),
              halves: halvesOf(answering, Buffer.from(encoded).toString()),
            },
          ],
        },
      })),
    } as unknown as AnalysisBatch),
});

const statistics = {
  report: (protocol: Parameters<typeof verificationReport>[0]) =>
    Promise.resolve(verificationReport(protocol)),
  compare: (...both: Parameters<typeof comparePairScores>) => Promise.resolve(comparePairScores(...both)),
};

describe('CompareHeldOut', () => {
  const analysisOf = ({ modelVersion }: MeasuredModels) => Promise.resolve(analysisBy(modelVersion));
  const comparing = (crops: Crops) =>
    new CompareHeldOut({ heldOut: new MeasureHeldOut({ faces: crops, analysisOf }), statistics });

  it('compares both models on pairs of identities held out, and embeds nobody who was trained on', async () => {
    const store = new Crops();
    const { chosen, below } = heldOutOf(
      identities.map((identity) => ({ identity, collection: 'one', faceCount: 2 })),
      { fraction: 0.3, falseMatchRate: 1e-3 },
      1,
    );
    const compare = comparing(store);
    const result = await compare.execute({ baseline, candidate, below, pairCount: 200, ...control });
    expect(result?.identityCount).toBe(chosen.size);
    expect(new Set(store.read).size).toBe(result?.faceCount);
    for (const faceId of store.read) expect(chosen).toContain(identities[Number(faceId.split('/')[0])]);
    expect(result?.candidate.accuracyMean).toBe(1);
    expect(result?.baseline.accuracyMean).toBeLessThan(0.9);
    expect(result?.difference.accuracyDifference).toBeGreaterThan(0.1);
  });

  it('tells what both make of halves of the same faces, a constant as the worst', async () => {
    const compare = comparing(new Crops());
    const result = await compare.execute({ baseline, candidate, below: 1, pairCount: 200, ...control });
    const faceCount = result?.faceCount;
    expect(result?.candidate.halves).toEqual({ faceCount, distanceRatio: 0, areaUnderCurve: 1 });
    expect(result?.baseline.halves).toEqual({ faceCount, distanceRatio: 1, areaUnderCurve: 0.5 });
  });

  it('leaves out faces that are deleted meanwhile', async () => {
    const store = new Crops((faceId) => !faceId.endsWith('/3'));
    const compare = comparing(store);
    const result = await compare.execute({ baseline, candidate, below: 1, pairCount: 200, ...control });
    expect(result?.difference.pairCount).toBeLessThan(200);
    expect(result?.candidate.accuracyMean).toBe(1);
  });

  it('has nothing to compare where fewer than two identities are held out', async () => {
    const compare = comparing(new Crops());
    expect(
      await compare.execute({ baseline, candidate, below: 0, pairCount: 200, ...control }),
    ).toBeUndefined();
  });

  it('does not take the answer of a model that has come to serve meanwhile', async () => {
    let isFirst = true;
    const heldOut = new MeasureHeldOut({
      faces: new Crops(),
      analysisOf: ({ modelVersion }) => {
        const answering = isFirst && modelVersion === 'net-1' ? 'net-2' : modelVersion;
        if (modelVersion === 'net-1') isFirst = false;
        return Promise.resolve(analysisBy(answering));
      },
    });
    const compare = new CompareHeldOut({ heldOut, statistics });
    const result = await compare.execute({ baseline, candidate, below: 1, pairCount: 60, ...control });
    expect(result?.baseline.accuracyMean).toBeLessThan(0.9);
  });
});
