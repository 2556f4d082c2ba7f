import { describe, expect, it } from 'vitest';

import { expectPublishedSize } from '../../../../test/support/backbone-size.js';
import { type BackboneArchitecture, createBackbone } from '../backbone.js';
import { improvedResNet } from './improved-res-net.js';

const named = (name: string): BackboneArchitecture => improvedResNet.find((design) => design.name === name)!;

describe('the improved ResNets', () => {
  it.each([
    { name: 'ir-50', parameters: 43.6e6, multiplyAdds: 6.3e9 },
    { name: 'ir-100', parameters: 65.2e6, multiplyAdds: 12.1e9 },
  ])('$name has the published size', ({ name, ...published }) => {
    expectPublishedSize(named(name), published);
  });

  it.each([
    // Counted by PyTorch from InsightFace's iresnet.py, less the 512 scales that it keeps at 1.
    ['ir-18', 24_025_600 - 512],
    ['ir-34', 34_139_328 - 512],
    ['ir-50', 43_590_848 - 512],
    ['ir-100', 65_156_160 - 512],
  ])('%s has exactly the parameters of InsightFace', (name, count) => {
    expect(createBackbone(named(name)).parameterCount).toBe(count);
  });
});
