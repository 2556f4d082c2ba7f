import { describe, expect, it } from 'vitest';

import { createBackbone } from './backbone.js';
import { BACKBONE_DESIGNS, backboneDesign } from './catalogue.js';

/**
 * Published figures: the papers' own tables and, for ShuffleFaceNet and VarGFaceNet, as MixFaceNets (Boutros et al.,
 * 2021) and PocketNet repeat them. `operations` are FLOPs where a multiply-add counts as two.
 */
const PUBLISHED: readonly {
  readonly name: string;
  readonly width?: number;
  readonly parameters: number;
  readonly multiplyAdds?: number;
  readonly operations?: number;
}[] = [
  { name: 'mobilefacenet', parameters: 0.99e6, multiplyAdds: 221e6 },
  { name: 'shufflefacenet-x0.5', parameters: 0.5e6, operations: 66.9e6 },
  { name: 'shufflefacenet-x1', parameters: 1.4e6, operations: 275.8e6 },
  { name: 'shufflefacenet-x1.5', parameters: 2.6e6, operations: 577.5e6 },
  { name: 'shufflefacenet-x2', parameters: 4.5e6, operations: 1.05e9 },
  { name: 'vargfacenet', parameters: 5.0e6, operations: 1022e6 },
  { name: 'ir-50', parameters: 43.6e6, multiplyAdds: 6.3e9 },
  { name: 'ir-100', parameters: 65.2e6, multiplyAdds: 12.1e9 },
];

describe('the backbones', () => {
  it.each(PUBLISHED)('$name has the published size', ({ name, parameters, multiplyAdds, operations }) => {
    const backbone = createBackbone(backboneDesign(name));
    // Papers cut and round to two figures: 0.5 M stands for 0.53 M.
    expect(Math.abs(backbone.parameterCount / parameters - 1)).toBeLessThan(0.06);
    const published = multiplyAdds ?? operations! / 2;
    expect(Math.abs(backbone.multiplyAdds / published - 1)).toBeLessThan(0.01);
  });

  it.each([
    // Counted by PyTorch from InsightFace's iresnet.py, less the 512 scales that it keeps at 1.
    ['ir-18', 24_025_600 - 512],
    ['ir-34', 34_139_328 - 512],
    ['ir-50', 43_590_848 - 512],
    ['ir-100', 65_156_160 - 512],
  ])('%s has exactly the parameters of InsightFace', (name, count) => {
    expect(createBackbone(backboneDesign(name)).parameterCount).toBe(count);
  });

  it('reaches 999,552 parameters in MobileFaceNet for 112x96, as Xiaoccer/MobileFaceNet_Pytorch', () => {
    const backbone = createBackbone(backboneDesign('mobilefacenet'), {
      inputSize: { height: 112, width: 96 },
    });
    expect(backbone.parameterCount).toBe(999_552);
  });

  it.each(BACKBONE_DESIGNS.map((design) => [design.name, design] as const))(
    '%s names each variable once',
    (_, design) => {
      const { parameters, statistics } = createBackbone(design);
      const names = [...parameters, ...statistics].map(({ name }) => name);
      expect(new Set(names).size).toBe(names.length);
      expect(names.every((name) => /^[a-zA-Z0-9]+(\.[a-zA-Z0-9]+)+$/u.test(name))).toBe(true);
    },
  );

  it("sets MobileFaceNet's last layer apart for its weight decay", () => {
    const { parameters } = createBackbone(backboneDesign('mobilefacenet'));
    const last = parameters.filter(({ decayGroup }) => decayGroup === 'last-layer');
    expect(last.map(({ name, shape }) => [name, shape])).toEqual([['embedding.filter', [1, 1, 512, 128]]]);
  });

  it('has the embedding size asked for', () => {
    const backbone = createBackbone(backboneDesign('ir-18'), { embeddingSize: 64 });
    expect(backbone.parameters.find(({ name }) => name === 'embedding.weights')?.shape).toEqual([25_088, 64]);
  });

  it('refuses inputs and embeddings that it cannot have', () => {
    const design = backboneDesign('mobilefacenet');
    const of = (height: number, embeddingSize = 128) =>
      createBackbone(design, { inputSize: { height, width: 112 }, embeddingSize });
    expect(() => of(100)).toThrow('mobilefacenet: 100 pixels are no positive multiple of 16');
    expect(() => of(0)).toThrow(RangeError);
    expect(() => of(112, 0)).toThrow(RangeError);
    expect(() => backboneDesign('resnet')).toThrow('there is no backbone resnet; there are mobilefacenet,');
  });
});
