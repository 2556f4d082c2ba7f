import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['src/**/*.spec.ts', 'test/**/*.spec.ts'],
    exclude: ['test/full/**', 'node_modules/**', 'dist/**'],
    setupFiles: 'test/support/typed-array-equality.ts',
    globalSetup: 'test/support/start-shared-servers.ts',
    provide: { isFullSuite: false },
    pool: 'forks',
    // Half of the time would go to loading tfjs and this code anew for each of hundreds of files.
    isolate: false,
    // Vitest would leave one core idle.
    maxWorkers: '100%',
    // The built program is loaded as its users load it.
    server: { deps: { external: [/\/dist\//u] } },
    testTimeout: 60_000,
    hookTimeout: 120_000,
  },
});
