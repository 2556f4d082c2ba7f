import { describe, expect, it } from 'vitest';

import { expectPublishedSize } from '../../../../test/support/backbone-size.js';
import { createBackbone } from '../backbone.js';
import { mobileFaceNet } from './mobile-face-net.js';

describe('MobileFaceNet', () => {
  it('has the published size', () => {
    expectPublishedSize(mobileFaceNet, { parameters: 0.99e6, multiplyAdds: 221e6 });
  });

  it('reaches 999,552 parameters for 112x96, as Xiaoccer/MobileFaceNet_Pytorch', () => {
    const backbone = createBackbone(mobileFaceNet, { inputSize: { height: 112, width: 96 } });
    expect(backbone.parameterCount).toBe(999_552);
  });

  it('sets its last layer apart for its weight decay', () => {
    const { parameters } = createBackbone(mobileFaceNet);
    const last = parameters.filter(({ decayGroup }) => decayGroup === 'last-layer');
    expect(last.map(({ name, shape }) => [name, shape])).toEqual([
      ['embedding.filter', [1, 1, 512, 128]],
      ['embedding.norm.scale', [128]],
      ['embedding.norm.offset', [128]],
    ]);
  });
});
