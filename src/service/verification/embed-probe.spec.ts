import { describe, expect, it } from 'vitest';

import { sampleAnalysedFace } from '../../../test/support/sample-analysed-face.js';
import type { AnalysisRequest } from '../../inference/analyser/face-analysis.js';
import { embedProbe, type ProbeAnalysis } from './embed-probe.js';

const models = { backboneId: 'net-2', detectorId: 'detector-1', embeddingDimension: 3 };
const control = { signal: new AbortController().signal };
const quality = { minimumUtility: undefined, allowLowQuality: false };
const image = { encoded: new Uint8Array([1]), kind: 'photograph' } as const;

function analysis(faceCount: number, asked: AnalysisRequest[] = []): ProbeAnalysis {
  const faces = Array.from({ length: faceCount }, (_, index) => ({
    ...sampleAnalysedFace,
    embedding: Float32Array.of(index, 1, 0),
  }));
  return {
    served: models,
    analyse: (requests) => {
      asked.push(...requests);
      return Promise.resolve({ models, outcomes: [{ ok: true, image: { width: 9, height: 9, faces } }] });
    },
  };
}

describe('embedProbe', () => {
  it('takes an embedding of the version that serves as it is', async () => {
    const asked: AnalysisRequest[] = [];
    const probe = { values: Float32Array.of(0, 1, 0), modelVersion: 'net-2' };
    const embedded = await embedProbe(
      analysis(0, asked),
      { probe, selection: 'exactly-one', quality },
      control,
    );
    expect(embedded).toEqual({
      models,
      faces: [{ face: undefined, embedding: probe.values, refusal: undefined, findings: [] }],
    });
    expect(asked).toEqual([]);
  });

  it('refuses one of another version, and names both', async () => {
    const probe = { values: Float32Array.of(0, 1, 0), modelVersion: 'net-1' };
    await expect(
      embedProbe(analysis(0), { probe, selection: 'exactly-one', quality }, control),
    ).rejects.toMatchObject({
      reason: 'EMBEDDING_NOT_COMPARABLE',
      metadata: { field: 'embedding', model_version: 'net-2', embedding_model_version: 'net-1' },
    });
  });

  it('refuses one of another length', async () => {
    const probe = { values: Float32Array.of(0, 1), modelVersion: 'net-2' };
    await expect(
      embedProbe(analysis(0), { probe, selection: 'exactly-one', quality }, control),
    ).rejects.toMatchObject({
      reason: 'INVALID_ARGUMENT',
      fieldViolations: [
        { field: 'embedding.values', description: expect.stringContaining('2 numbers') as string },
      ],
    });
  });

  it('refuses one while nothing serves', async () => {
    const probe = { values: Float32Array.of(0, 1, 0), modelVersion: 'net-2' };
    const starting = { ...analysis(0), served: undefined };
    await expect(
      embedProbe(starting, { probe, selection: 'largest', quality }, control),
    ).rejects.toMatchObject({
      reason: 'SHUTTING_DOWN',
    });
  });

  it('embeds every face of an image where all are asked for, which may be none', async () => {
    const { faces } = await embedProbe(analysis(3), { probe: image, selection: 'all', quality }, control);
    expect(faces.map(({ embedding }) => embedding[0])).toEqual([0, 1, 2]);
    expect(
      (await embedProbe(analysis(0), { probe: image, selection: 'all', quality }, control)).faces,
    ).toEqual([]);
    await expect(
      embedProbe(analysis(0), { probe: image, selection: 'largest', quality }, control),
    ).rejects.toMatchObject({
      reason: 'FACE_NOT_FOUND',
    });
  });
});
