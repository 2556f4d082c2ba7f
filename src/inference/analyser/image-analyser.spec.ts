import { describe, expect, it } from 'vitest';
import {
  arcFaceColumns,
  arcFaceTemplate,
  type AlignmentTemplate,
} from '../../core/faces/alignment-template.js';
import { splitHalves } from '../../core/faces/split-halves.js';
import type { CropAssessment, FaceQualityNetwork } from '../../core/faces/quality/face-quality-network.js';
import type { RgbImage } from '../../core/images/rgb-image.js';
import { SharpImageDecoder } from '../decode/sharp-image-decoder.js';
import { encodePng } from '../decode/sharp-image-encoder.js';
import type { FaceDetector } from '../detect/face-detector.js';
import type { FaceEmbedder } from '../embed/face-embedder.js';
import type { AnalysisRequest } from './face-analysis.js';
import { ImageAnalyser } from './image-analyser.js';

/** A crop whose columns differ, so that its halves do. */
const crop: RgbImage = {
  width: 112,
  height: 112,
  pixels: Uint8Array.from({ length: 112 * 112 * 3 }, (_, index) => (Math.floor(index / 3) * 2) % 112),
};

/** The "embedding" of a crop: the sums of its first and its last columns, and of all. */
function sumsOf({ width, pixels }: RgbImage): Float32Array {
  const sums = new Float32Array(3);
  for (const [index, value] of pixels.entries()) {
    const column = Math.floor(index / 3) % width;
    const part = column < width / 2 ? 0 : 1;
    sums[part] = (sums[part] ?? 0) + value;
    sums[2] = (sums[2] ?? 0) + value;
  }
  return sums;
}

function unit(embedding: Float32Array): readonly number[] {
  const norm = Math.hypot(...embedding);
  return [...embedding].map((value) => value / norm);
}

function analyser(alignment: AlignmentTemplate, asked: RgbImage[] = []): ImageAnalyser {
  const embedder: FaceEmbedder = {
    alignment,
    dimension: 3,
    typicalNorm: undefined,
    embed: (crops) => {
      asked.push(...crops);
      return Promise.resolve(crops.map(sumsOf));
    },
  };
  const detector = {
    detect: () => Promise.reject(new Error('nothing is to be detected')),
  } as unknown as FaceDetector;
  const assessed = { utility: 0.5 } as unknown as CropAssessment;
  const quality = { assess: () => assessed } as Pick<FaceQualityNetwork, 'assess'>;
  return new ImageAnalyser({ decoder: new SharpImageDecoder(), detector, embedder, quality });
}

const signal = new AbortController().signal;
const requestOf = async (more: Partial<AnalysisRequest>): Promise<AnalysisRequest> => ({
  encoded: await encodePng(crop),
  kind: 'photograph',
  selection: 'exactly-one',
  wantEmbeddings: false,
  wantCrops: false,
  knownLandmarks: arcFaceTemplate.landmarks,
  ...more,
});

describe('ImageAnalyser', () => {
  it.each([arcFaceTemplate, arcFaceColumns(96)])(
    'embeds the halves of what the backbone takes, split at the nose there ($name)',
    async (alignment) => {
      const asked: RgbImage[] = [];
      const request = await requestOf({ wantEmbeddings: true, wantHalves: true });
      const { faces } = await analyser(alignment, asked).analyse(request, signal);
      const [whole, ...halves] = asked;
      const expected = splitHalves(whole!, alignment.landmarks.nose.x);
      expect(halves).toEqual([expected.left, expected.right]);
      const [face] = faces;
      expect(face?.embedding).toHaveLength(3);
      for (const [index, value] of unit(sumsOf(expected.left)).entries())
        expect(face?.halves?.left[index]).toBeCloseTo(value, 6);
      for (const [index, value] of unit(sumsOf(expected.right)).entries())
        expect(face?.halves?.right[index]).toBeCloseTo(value, 6);
    },
  );

  it('embeds nothing else where halves alone are wanted, and no halves where they are not', async () => {
    const asked: RgbImage[] = [];
    const both = analyser(arcFaceTemplate, asked);
    const { faces } = await both.analyse(await requestOf({ wantHalves: true }), signal);
    expect(asked).toHaveLength(2);
    expect(faces[0]).not.toHaveProperty('embedding');
    const { faces: whole } = await both.analyse(await requestOf({ wantEmbeddings: true }), signal);
    expect(whole[0]).not.toHaveProperty('halves');
  });
});
