import { describe, expect, it } from 'vitest';
import { splitIdentities } from './identity-split.js';

const identities = Array.from({ length: 50 }, (_, index) => `person ${index}`);

describe('splitIdentities', () => {
  it('trains on all of them unless something else is said', () => {
    expect(splitIdentities(identities)).toEqual({ training: identities, heldOut: [] });
  });

  it('holds a share out, the same for a seed whatever the order, another for another seed', () => {
    const split = (names: readonly string[], seed: number) =>
      splitIdentities(names, { holdOut: { fraction: 0.21, seed } });
    const { training, heldOut } = split(identities, 1);
    expect(heldOut).toHaveLength(11);
    expect([...training, ...heldOut].sort()).toEqual([...identities].sort());
    expect(split(identities, 1).heldOut).toEqual(heldOut);
    expect(new Set(split([...identities].reverse(), 1).heldOut)).toEqual(new Set(heldOut));
    expect(split(identities, 2).heldOut).not.toEqual(heldOut);
  });

  it('takes names: included, excluded, held out', () => {
    const split = splitIdentities(['a', 'b', 'c', 'd'], {
      include: ['d', 'c', 'b'],
      exclude: ['d'],
      holdOut: ['b'],
    });
    expect(split).toEqual({ training: ['c'], heldOut: ['b'] });
  });

  it.each([
    [{ include: ['z'] }, /include names an identity that is not there: z/u],
    [{ exclude: ['z'] }, /exclude names/u],
    [{ holdOut: ['z'] }, /holdOut names/u],
    [{ holdOut: { fraction: 1.5, seed: 0 } }, /fraction/u],
  ])('refuses %j', (selection, message) => {
    expect(() => splitIdentities(['a'], selection)).toThrow(message);
  });
});
