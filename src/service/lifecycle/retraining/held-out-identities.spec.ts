import { describe, expect, it } from 'vitest';
import { heldOutBelow, heldOutOf } from './held-out-identities.js';

const identities = Array.from({ length: 1000 }, (_, index) => String(index));

describe('heldOutOf', () => {
  it('holds out about the share, at least two', () => {
    expect(heldOutOf(identities, 0.2).chosen.size).toBeGreaterThan(160);
    expect(heldOutOf(identities, 0.2).chosen.size).toBeLessThan(240);
    expect(heldOutOf(['a', 'b', 'c', 'd'], 0.01).chosen.size).toBe(2);
  });

  it('holds out the same ones whoever else comes or goes', () => {
    const some = heldOutOf(identities.slice(0, 500), 0.2).chosen;
    const all = heldOutOf(identities, 0.2).chosen;
    expect([...some].every((identity) => all.has(identity))).toBe(true);
    expect(identities.slice(0, 500).filter((identity) => all.has(identity))).toHaveLength(some.size);
  });
});

describe('heldOutBelow', () => {
  it.each([0.2, 0.01])('finds those held out again, and nobody who was trained on (share %d)', (fraction) => {
    const few = identities.slice(0, 7);
    const { chosen, below } = heldOutOf(few, fraction);
    expect(heldOutBelow(few, below)).toEqual(chosen);
    // Where they are gone, nobody steps in for them.
    const trainedOn = few.filter((identity) => !chosen.has(identity));
    expect(heldOutBelow(trainedOn, below).size).toBe(0);
  });
});
