import { expect, it } from 'vitest';
import { memoryWarning } from './memory-warning.js';

const collection = { name: 'collections/staff', searchable: false, galleryMemoryShare: 0.79 };

it('warns of a collection before exact search has no memory for it, and says what to do', () => {
  expect(memoryWarning(collection)).toBeUndefined();
  expect(memoryWarning({ ...collection, galleryMemoryShare: 0.8 })).toBe(
    'staff takes 80 % of the memory for exact search, which refuses it above 100 %: raise SYMFACE_GALLERY_MEMORY_MIB, or ' +
      '"symface collections index staff"',
  );
  expect(memoryWarning({ ...collection, galleryMemoryShare: 1.2 })).toContain('120 %');
  expect(memoryWarning({ ...collection, galleryMemoryShare: 1.2, searchable: true })).toBeUndefined();
});
