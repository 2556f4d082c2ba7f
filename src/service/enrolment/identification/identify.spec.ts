import { beforeEach, describe, expect, it } from 'vitest';

import { sampleAnalysedFace } from '../../../../test/support/sample-analysed-face.js';
import { defaultTenant } from '../../access/caller.js';
import type { AnalysedFace } from '../../../inference/analyser/face-analysis.js';
import type { GalleryQuery } from '../gallery/gallery-search.js';
import { CurrentCalibrations } from '../../verification/calibration/current-calibrations.js';
import { Identify, type IdentifyCommand } from './identify.js';

const models = { backboneId: 'net-1', detectorId: 'detector-1', embeddingDimension: 2 };
const caller = { actor: 'apiKeys/1', tenant: defaultTenant, role: 'client' } as const;
const control = { signal: new AbortController().signal };
const threshold = { similarityThreshold: 0.45, falseMatchRate: undefined };
const command: IdentifyCommand = {
  collection: 'collections/staff',
  probe: { encoded: new Uint8Array([1]), kind: 'photograph' },
  selection: 'all',
  maximumCandidates: 2,
  threshold,
  quality: { minimumUtility: undefined, allowLowQuality: false },
  method: 'exact',
  policy: 'best',
};

/** [2], of length 1: an embedding whose similarity to the only enrolled one is a fortieth of the width. */
function embeddingOf(width: number): Float32Array {
  const similarity = Math.min(1, width / 40);
  return Float32Array.of(similarity, Math.sqrt(1 - similarity ** 2));
}

/** A face of this width; the gallery finds the subject that is called by it. */
function faceOf(width: number): AnalysedFace {
  const box = { x: 0, y: 0, width, height: 10 };
  return { ...sampleAnalysedFace, box, embedding: embeddingOf(width) };
}

describe('Identify', () => {
  let found: AnalysedFace[];
  let queries: GalleryQuery[];
  let nameLookups: string[][];
  let identify: Identify;

  beforeEach(() => {
    queries = [];
    nameLookups = [];
    const parts = {
      analysis: {
        served: models,
        analyse: () =>
          Promise.resolve({
            models,
            outcomes: [{ ok: true as const, image: { width: 9, height: 9, faces: found } }],
          }),
      },
      collections: { get: () => Promise.resolve({ searchable: false }) },
      subjects: {
        displayNames: (_: unknown, ids: readonly string[]) => {
          nameLookups.push([...ids]);
          return Promise.resolve(new Map([['s20', 'Ada']]));
        },
      },
      gallery: {
        search: (query: GalleryQuery) => {
          queries.push(query);
          const [similarity = 0] = query.probe;
          const candidate = { subjectId: `s${Math.round(similarity * 40)}`, faceId: 'f', similarity };
          return Promise.resolve({ candidates: [candidate], faceCount: 7, revision: '1' });
        },
      },
      calibrations: new CurrentCalibrations(
        { newest: () => Promise.resolve(undefined) },
        { current: () => Promise.resolve({ falseMatchRate: 1e-3, set: undefined }) },
      ),
      faces: {
        templatesOfSubjects: (_: unknown, ids: readonly string[]) =>
          Promise.resolve(
            new Map(ids.map((id) => [id, [{ faceId: 'f', embedding: Float32Array.of(1, 0) }]])),
          ),
      },
      models: { catchUp: () => Promise.resolve('net-1') },
    };
    identify = new Identify(parts as unknown as ConstructorParameters<typeof Identify>[0]);
  });

  it('says of each face of a group whom it resembles, in the order in which they were found', async () => {
    found = [faceOf(20), faceOf(10), faceOf(30)];
    const { faces, leftOutFaceCount, searchedFaceCount } = await identify.execute(command, caller, control);
    const judged = { threshold: { similarity: 0.45, origin: 'request' }, matchProbability: undefined };
    expect(faces.map(({ face, candidates }) => [face?.box.width, candidates])).toMatchObject([
      [
        20,
        [
          {
            ...judged,
            subjectId: 's20',
            faceId: 'f',
            similarity: expect.closeTo(0.5, 6) as number,
            matched: true,
            displayName: 'Ada',
          },
        ],
      ],
      [
        10,
        [
          {
            ...judged,
            subjectId: 's10',
            faceId: 'f',
            similarity: expect.closeTo(0.25, 6) as number,
            matched: false,
            displayName: '',
          },
        ],
      ],
      [
        30,
        [
          {
            ...judged,
            subjectId: 's30',
            faceId: 'f',
            similarity: expect.closeTo(0.75, 6) as number,
            matched: true,
            displayName: '',
          },
        ],
      ],
    ]);
    expect([leftOutFaceCount, searchedFaceCount]).toEqual([0, 7]);
    expect(nameLookups).toEqual([['s20', 's10', 's30']]);
  });

  it('searches for the 64 largest, and counts those that it leaves out', async () => {
    // 1 to 70, not in order.
    found = Array.from({ length: 70 }, (_, index) => faceOf(((index * 37) % 70) + 1));
    const { faces, leftOutFaceCount } = await identify.execute(command, caller, control);
    expect(faces).toHaveLength(64);
    expect(leftOutFaceCount).toBe(6);
    const widths = faces.map(({ face }) => face?.box.width ?? 0);
    expect(Math.min(...widths)).toBe(7);
    expect(widths).toEqual(found.map(({ box }) => box.width).filter((width) => width > 6));
  });

  it('answers no faces where there are none, and compares nothing', async () => {
    found = [];
    const { faces, searchedFaceCount } = await identify.execute(command, caller, control);
    expect([faces, searchedFaceCount, queries]).toEqual([[], 0, []]);
  });

  it('says of a face that is not fit to be compared why it was not searched for, and goes on with the others', async () => {
    const dark = faceOf(30);
    found = [{ ...dark, quality: { ...dark.quality, utility: 3, brightness: 5 } }, faceOf(20)];
    const { faces, searchedFaceCount } = await identify.execute(command, caller, control);
    expect(faces).toMatchObject([
      { candidates: [], refusal: { reason: 'FACE_TOO_DARK' }, findings: [] },
      { candidates: [{ subjectId: 's20' }], refusal: undefined },
    ]);
    expect([queries.length, searchedFaceCount]).toEqual([1, 7]);
    const allowed = { ...command, quality: { minimumUtility: undefined, allowLowQuality: true } };
    const [first] = (await identify.execute(allowed, caller, control)).faces;
    expect(first).toMatchObject({
      candidates: [{ subjectId: 's30' }],
      refusal: undefined,
      findings: [{ field: 'image' }],
    });
  });

  it('searches for an embedding, of which there is no face', async () => {
    const probe = { values: embeddingOf(20), modelVersion: 'net-1' };
    const { faces } = await identify.execute(
      { ...command, probe, selection: 'exactly-one' },
      caller,
      control,
    );
    expect(faces).toMatchObject([{ face: undefined, candidates: [{ subjectId: 's20' }] }]);
  });
});
