import { expect, it } from 'vitest';

import { expectPublishedSize } from '../../../../test/support/backbone-size.js';
import { vargFaceNet } from './varg-face-net.js';

it('VarGFaceNet has the size that MixFaceNets (Boutros et al., 2021) repeats', () => {
  expect(vargFaceNet.defaultEmbeddingSize).toBe(512);
  expectPublishedSize(vargFaceNet, { parameters: 5.0e6, operations: 1022e6 });
});
