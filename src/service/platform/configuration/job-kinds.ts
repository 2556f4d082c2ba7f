/** The kinds of work that outlives the process that asked for it; a process works on those that its queues name. */
export const jobKinds = [
  'training',
  'assessment',
  'activation',
  'benchmark',
  'key-rotation',
  'indexing',
] as const;
export type JobKind = (typeof jobKinds)[number];
