import { describe, it } from 'vitest';

import { expectPublishedSize } from '../../../../test/support/backbone-size.js';
import { shuffleFaceNet } from './shuffle-face-net.js';

describe('ShuffleFaceNet', () => {
  // As MixFaceNets (Boutros et al., 2021) and PocketNet repeat them.
  it.each([
    { name: 'shufflefacenet-x0.5', parameters: 0.5e6, operations: 66.9e6 },
    { name: 'shufflefacenet-x1', parameters: 1.4e6, operations: 275.8e6 },
    { name: 'shufflefacenet-x1.5', parameters: 2.6e6, operations: 577.5e6 },
    { name: 'shufflefacenet-x2', parameters: 4.5e6, operations: 1.05e9 },
  ])('$name has the published size', ({ name, ...published }) => {
    expectPublishedSize(
      shuffleFaceNet.find((design) => design.name === name)!,
      published,
    );
  });
});
