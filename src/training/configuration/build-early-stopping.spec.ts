import { describe, expect, it } from 'vitest';

import { buildEarlyStopping } from './build-early-stopping.js';

const earlyStopping = { patience: 2, minimumImprovement: 0 };

describe('buildEarlyStopping', () => {
  it('is none where the configuration has none', () => {
    expect(buildEarlyStopping({}, [{ name: 'held-out' }], undefined)).toBeUndefined();
  });

  it('refuses a run that holds nobody out, since a benchmark must not choose the model', () => {
    expect(() => buildEarlyStopping({ earlyStopping }, [{ name: 'lfw' }], undefined)).toThrow(
      /data\.identities\.holdOut/u,
    );
  });

  it('goes on from the evaluations of the checkpoint', () => {
    const evaluations = {
      best: { step: 1, figure: 1, weights: new Map() },
      lastStep: 3,
      evaluationsSince: 2,
    };
    const stopping = buildEarlyStopping({ earlyStopping }, [{ name: 'held-out' }], evaluations);
    expect(stopping?.isOver).toBe(true);
  });
});
