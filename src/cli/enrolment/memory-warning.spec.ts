import { expect, it } from 'vitest';
import { memoryWarning } from './memory-warning.js';

const collection = { name: 'collections/staff', galleryMemoryShare: 0.8, galleryNearlyFull: true };

it('warns of a collection that the service calls nearly full, and says what to do', () => {
  expect(memoryWarning({ ...collection, galleryNearlyFull: false })).toBeUndefined();
  expect(memoryWarning(collection)).toBe(
    'staff takes 80 % of the memory for exact search, which refuses it above 100 %: raise SYMFACE_GALLERY_MEMORY_MIB, or ' +
      '"symface collections index staff"',
  );
  expect(memoryWarning({ ...collection, galleryMemoryShare: 1.2 })).toContain('120 %');
});
