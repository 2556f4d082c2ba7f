import { describe, expect, it } from 'vitest';

import { createBackbone } from './backbone.js';
import { BACKBONE_ARCHITECTURES, backboneArchitecture } from './catalogue.js';

describe('the backbones', () => {
  it.each(BACKBONE_ARCHITECTURES.map((design) => [design.name, design] as const))(
    '%s names each variable once',
    (_, design) => {
      const { parameters, statistics } = createBackbone(design);
      const names = [...parameters, ...statistics].map(({ name }) => name);
      expect(new Set(names).size).toBe(names.length);
      expect(names.every((name) => /^[a-zA-Z0-9]+(\.[a-zA-Z0-9]+)+$/u.test(name))).toBe(true);
    },
  );

  it('has the embedding size asked for', () => {
    const backbone = createBackbone(backboneArchitecture('ir-18'), { embeddingSize: 64 });
    expect(backbone.parameters.find(({ name }) => name === 'embedding.weights')?.shape).toEqual([25_088, 64]);
  });

  it('refuses inputs and embeddings that it cannot have', () => {
    const design = backboneArchitecture('mobilefacenet');
    const of = (height: number, embeddingSize = 128) =>
      createBackbone(design, { inputSize: { height, width: 112 }, embeddingSize });
    expect(() => of(100)).toThrow('mobilefacenet: 100 pixels are no positive multiple of 16');
    expect(() => of(0)).toThrow(RangeError);
    expect(() => of(112, 0)).toThrow(RangeError);
    expect(() => backboneArchitecture('resnet')).toThrow(
      'there is no backbone resnet; there are adaface-ir-18,',
    );
  });
});
