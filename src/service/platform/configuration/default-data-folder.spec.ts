import { expect, it } from 'vitest';

import { defaultDataFolder } from './default-data-folder.js';

it('keeps data out of what npm installs', () => {
  expect(defaultDataFolder('/src/symface/', '/home/me')).toBe('/src/symface/.symface');
  expect(defaultDataFolder('/home/me/node_modules/symface/', '/home/me')).toBe('/home/me/.symface');
});
