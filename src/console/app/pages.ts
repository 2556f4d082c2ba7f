import type { ComponentType } from 'preact';
import type { PageProps } from './page-props.js';

export interface Page {
  /** Its part of the address. */
  readonly id: string;
  readonly title: string;
  /** Whether only keys of the role ADMIN have a use for it. */
  readonly isForAdmins: boolean;
  /** Its code, fetched when it is first opened. */
  readonly load: () => Promise<ComponentType<PageProps>>;
}

/** The pages, in the order of the navigation. */
export const pages: readonly Page[] = [
  {
    id: 'try',
    title: 'Try it',
    isForAdmins: false,
    load: async () => (await import('../pages/try-it/page.js')).TryItPage,
  },
  {
    id: 'people',
    title: 'People',
    isForAdmins: false,
    load: async () => (await import('../pages/people/page.js')).PeoplePage,
  },
  {
    id: 'models',
    title: 'Models',
    isForAdmins: false,
    load: async () => (await import('../pages/models/page.js')).ModelsPage,
  },
  {
    id: 'learning',
    title: 'Learning',
    isForAdmins: true,
    load: async () => (await import('../pages/learning/page.js')).LearningPage,
  },
  {
    id: 'benchmarks',
    title: 'Benchmarks',
    isForAdmins: false,
    load: async () => (await import('../pages/benchmarks/page.js')).BenchmarksPage,
  },
  {
    id: 'operations',
    title: 'Operations',
    isForAdmins: true,
    load: async () => (await import('../pages/operations/page.js')).OperationsPage,
  },
  {
    id: 'api',
    title: 'API',
    isForAdmins: false,
    load: async () => (await import('../pages/api/page.js')).ApiPage,
  },
];
