import { expect, it } from 'vitest';
import { evenlyOverIdentities } from './evenly-over-identities.js';

it('takes a face of each identity, then a second one, up to the limit', () => {
  const labels = ['a', 'a', 'a', 'a', 'b', 'c', 'c'];
  expect(evenlyOverIdentities(labels, 6)).toEqual([0, 1, 2, 4, 5, 6]);
  expect(evenlyOverIdentities(labels, 100)).toEqual([0, 1, 2, 3, 4, 5, 6]);
});

it('takes fewer identities where one face of each would leave no pair of one person', () => {
  expect(evenlyOverIdentities([0, 1, 2, 3, 0, 1, 2, 3], 4)).toEqual([0, 1, 4, 5]);
});
