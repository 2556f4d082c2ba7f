import { describe, expect, it } from 'vitest';
import { Failure } from '../../../core/failure.js';
import type { ModelCalibration } from '../../../core/protocols/calibration/model-calibration.js';
import type { SubjectFace } from '../../../core/protocols/calibration/subject-calibration.js';
import type { RegisteredModel } from '../../../storage/models/model-registry.js';
import { CalibrateCandidate } from './calibrate-candidate.js';

const model = (id: string, lineage?: object): RegisteredModel =>
  ({ version: { id, manifest: { kind: 'backbone', lineage } } }) as unknown as RegisteredModel;
const calibration = (datasetId: string | undefined, description: string): ModelCalibration =>
  ({
    datasetId,
    description,
    thresholds: [{ falseMatchRate: 1e-3, similarityThreshold: 0.4, bands: [] }],
  }) as unknown as ModelCalibration;
const unsupported = (count: number): Failure =>
  new Failure('CALIBRATION_UNSUPPORTED', 'too few', { impostor_pair_count: String(count) });

/** @param pairsOf impostor pairs by run; those from 30,000 on are enough */
function setUp(pairsOf: Readonly<Record<string, number>>, heldOutPairs: number, servedBy?: string) {
  const tried: string[] = [];
  const bounds: number[] = [];
  const enough = (count: number, found: ModelCalibration): Promise<ModelCalibration> =>
    count >= 30_000 ? Promise.resolve(found) : Promise.reject(unsupported(count));
  const calibrate = new CalibrateCandidate({
    operatingPoint: { current: async () => Promise.resolve({ falseMatchRate: 1e-3, set: undefined }) },
    calibrate: {
      get: async () => Promise.resolve(servedBy === undefined ? undefined : calibration(servedBy, '')),
      execute: async (run, { allowUnsupportedRate }) => {
        expect(allowUnsupportedRate).toBe(false);
        tried.push(run);
        return enough(pairsOf[run] ?? 0, calibration(run.slice(4), run.slice(4)));
      },
      keep: async ({ description }) => enough(heldOutPairs, calibration(undefined, description)),
    },
    heldOut: {
      facesBelow: async (below) => {
        bounds.push(below);
        return Promise.resolve(['a', 'b'].map((faceId) => ({ faceId, identity: faceId, collection: '1' })));
      },
      measure: async (faces, models) => {
        expect(models).toEqual([{ modelVersion: 'net-2', detectorVersion: 'detector-1' }]);
        const image = { embedding: Float32Array.of(1), appearance: [1] };
        // One was deleted meanwhile.
        return Promise.resolve(faces.map((_, index) => (index === 0 ? [image as never] : undefined)));
      },
    },
    statistics: {
      calibrate: async (faces: readonly SubjectFace[]) =>
        Promise.resolve({
          calibration: undefined,
          subjectCount: faces.length,
          faceCount: faces.length,
          impostorPairCount: heldOutPairs,
          suspectPairCount: 0,
        }),
    },
  });
  const order = {
    candidate: model('net-2', { heldOutBelow: 0.2 }),
    baseline: model('net-1'),
    detectorVersion: 'detector-1',
    benchmarks: ['lfw', 'own'].map((datasetId) => ({ datasetId, candidateRun: `run-${datasetId}` })) as never,
    requester: { actor: 'anonymous', tenant: 'default' },
    signal: new AbortController().signal,
    onFaces: () => undefined,
  };
  return { tried, bounds, execute: async () => calibrate.execute(order) };
}

describe('CalibrateCandidate', () => {
  it("goes by the data set of the serving model's calibration", async () => {
    const { tried, execute } = setUp({ 'run-lfw': 40_000, 'run-own': 40_000 }, 0, 'own');
    const found = { datasetId: 'own', description: 'own', falseMatchRate: 1e-3, similarityThreshold: 0.4 };
    expect(await execute()).toEqual(found);
    expect(tried).toEqual(['run-own']);
  });

  it('goes by the first data set that supports the rate in force where that is none of these', async () => {
    const { tried, execute } = setUp({ 'run-lfw': 3_000, 'run-own': 40_000 }, 40_000, 'gone');
    expect(await execute()).toMatchObject({ datasetId: 'own' });
    expect(tried).toEqual(['run-lfw', 'run-own']);
  });

  it('goes by the faces held out of its training where no data set supports the rate', async () => {
    const { bounds, execute } = setUp({ 'run-lfw': 3_000 }, 30_000);
    expect(await execute()).toMatchObject({
      datasetId: undefined,
      description: '1 enrolled faces of 1 persons held out',
      falseMatchRate: 1e-3,
    });
    expect(bounds).toEqual([0.2]);
  });

  it('says how many pairs there are and how many are needed where nothing supports the rate', async () => {
    const { execute } = setUp({ 'run-lfw': 3_000 }, 252);
    expect(await execute()).toEqual({
      refusal:
        'the false match rate in force, 1e-3, needs 30000 impostor pairs; lfw has 3000, own has 0, ' +
        '1 enrolled faces of 1 persons held out has 252 (symface calibrate --folder, symface benchmark register)',
    });
  });
});
