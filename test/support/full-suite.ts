import { inject } from 'vitest';

declare module 'vitest' {
  interface ProvidedContext {
    readonly isFullSuite: boolean;
  }
}

/** Whether `npm run test:full` runs: with larger networks and more data where `npm test` has what shows the same. */
export const isFullSuite = inject('isFullSuite');
