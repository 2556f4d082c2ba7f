import { expect, describe, it } from 'vitest';

import { celebrityFaces, hasCelebrityFaces } from '../support/celebrity-faces.js';
import { batchOf, overfit } from '../support/overfitting.js';

/** Sides at which a step takes a second or so on two cores. */
const CASES = [
  ['mobilefacenet', 64],
  ['shufflefacenet-x0.5', 64],
  ['vargfacenet', 64],
  ['ghostfacenetv1-1.3-2', 64],
  ['mixfacenet-xs', 64],
  ['ir-18', 32],
] as const;

describe.runIf(hasCelebrityFaces('overfitting'))('32 faces of 8 people', () => {
  it.each(CASES)('are learnt by heart by %s', async (design, side) => {
    const { images, labels } = await celebrityFaces(0, 8, 4, side);
    const plan = { steps: 200, enough: 0.02, learningRate: 0.1 };
    const losses = await overfit(design, side, batchOf(images, labels), plan);
    const [first, last] = [losses[0]!, losses.at(-1)!];
    console.log(`${design}: loss ${first.toFixed(3)}, after ${losses.length} steps ${last.toFixed(4)}`);
    expect(first).toBeGreaterThan(2);
    expect(last).toBeLessThan(0.02);
  });
});
