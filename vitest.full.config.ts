import { defineConfig } from 'vitest/config';
import base from './vitest.config.js';

/** `npm run test:full`: everything, at its full size, the long measurements in test/full included. */
export default defineConfig({
  test: {
    ...base.test,
    exclude: ['node_modules/**', 'dist/**'],
    provide: { isFullSuite: true },
    testTimeout: 3_600_000,
  },
});
