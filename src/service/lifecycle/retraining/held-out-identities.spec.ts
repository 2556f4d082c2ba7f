import { describe, expect, it } from 'vitest';
import { heldOutBelow, heldOutOf as heldOutOfIdentities } from './held-out-identities.js';

const identities = Array.from({ length: 1000 }, (_, index) => String(index));
const neverFineTuned = 1;

const heldOutOf = (some: readonly string[], fraction: number, parentBelow: number) =>
  heldOutOfIdentities(
    some.map((identity) => ({ identity, collection: 'one', faceCount: 2 })),
    { fraction, falseMatchRate: 1e-3 },
    parentBelow,
  );

describe('heldOutOf', () => {
  it.each([
    [60, 0.2, 12],
    [62, 0.2, 12],
    [63, 0.2, 13],
    [1000, 0.01, 10],
    [4, 0.01, 2],
    [4, 0.5, 2],
  ])('of %d identities, %d of them, holds out %d', (count, fraction, heldOut) => {
    expect(heldOutOf(identities.slice(0, count), fraction, neverFineTuned).chosen.size).toBe(heldOut);
  });

  it('goes by the identities alone, in whatever order they come', () => {
    const [forwards, backwards] = [identities, identities.toReversed()].map((all) =>
      heldOutOf(all, 0.2, neverFineTuned),
    );
    expect(new Set(backwards?.chosen)).toEqual(new Set(forwards?.chosen));
    expect(backwards?.below).toBe(forwards?.below);
  });

  describe('for a parent that was fine-tuned here', () => {
    const first = identities.slice(0, 100);
    const parent = heldOutOf(first, 0.2, neverFineTuned);
    const trainedOn = first.filter((identity) => !parent.chosen.has(identity));

    it.each([0.01, 0.2, 0.5])(
      'keeps those of the parent held out, and nobody it was trained on (%d)',
      (fraction) => {
        // More have come, so that the share alone would be another bound.
        const { chosen, below } = heldOutOf(identities.slice(0, 300), fraction, parent.below);
        expect([...parent.chosen].every((identity) => chosen.has(identity))).toBe(true);
        expect(trainedOn.filter((identity) => chosen.has(identity))).toEqual([]);
        expect(below).toBe(parent.below);
        // Those who have come since are held out in the share that their places are.
        expect(chosen.size).toBeGreaterThan(parent.chosen.size + 20);
        expect(chosen.size).toBeLessThan(parent.chosen.size + 60);
      },
    );

    it('refuses where nobody is left whom it was not trained on, with the counts', () => {
      expect(() => heldOutOf(trainedOn, 0.2, parent.below)).toThrow(
        expect.objectContaining({
          reason: 'TRAINING_DATA_INSUFFICIENT',
          metadata: { held_out_identities: '0', trained_identities: '80' },
          message: expect.stringContaining('fine-tune what it came from') as string,
        }),
      );
    });

    it('refuses where nobody is left to train on', () => {
      expect(() => heldOutOf([...parent.chosen], 0.2, parent.below)).toThrow(
        /20 are held out and 0 are left/u,
      );
    });
  });
});

describe('heldOutBelow', () => {
  it.each([0.2, 0.01])('finds those held out again, and nobody who was trained on (share %d)', (fraction) => {
    const few = identities.slice(0, 7);
    const { chosen, below } = heldOutOf(few, fraction, neverFineTuned);
    expect(heldOutBelow(few, below)).toEqual(chosen);
    // Where they are gone, nobody steps in for them.
    const trainedOn = few.filter((identity) => !chosen.has(identity));
    expect(heldOutBelow(trainedOn, below).size).toBe(0);
  });
});
