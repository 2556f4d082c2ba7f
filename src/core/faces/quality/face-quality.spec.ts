import { describe, expect, it } from 'vitest';
import { arcFaceTemplate } from '../alignment-template.js';
import { utilityOf } from './face-utility.js';
import { measureFaceQuality } from './face-quality.js';

const assessment = {
  utility: 71,
  occlusion: { mouth: 0.9, nose: 0.1, eyes: 0 },
  detailPixels: 30,
  appearance: [0.5, 0.25],
};

describe('measureFaceQuality', () => {
  it('puts the measures of box, crop, landmarks and embedding together', () => {
    const pixels = new Uint8Array(112 * 112 * 3).fill(100);
    // One bright pixel: the Laplacian is -4 * 50 on it, 50 on its four neighbours, 0 on 110 x 110 - 5 others.
    pixels.fill(150, (56 * 112 + 56) * 3, (56 * 112 + 57) * 3);
    const quality = measureFaceQuality({
      face: {
        box: { x: -3, y: 5, width: 80, height: 95 },
        landmarks: arcFaceTemplate.landmarks,
        probability: 0.97,
      },
      crop: { width: 112, height: 112, pixels },
      assessment,
      embeddingNorm: 21.5,
      typicalNorm: undefined,
    });
    const expectedUtility = utilityOf({
      cropUtility: 71,
      probability: 0.97,
      landmarkUncertainty: undefined,
      embeddingNorm: 21.5,
      typicalNorm: undefined,
    });
    expect(quality).toMatchObject({ ...assessment, utility: expectedUtility });
    expect(quality).toMatchObject({ faceSizePixels: 80, detectionProbability: 0.97, embeddingNorm: 21.5 });
    expect(quality.brightness).toBeCloseTo(100 + 50 / (112 * 112), 3);
    expect(quality.sharpness).toBeCloseTo((200 ** 2 + 4 * 50 ** 2) / 110 ** 2, 3);
    expect(Math.abs(quality.pose.yawDegrees)).toBeLessThan(1);
  });
});
