import { expect, it } from 'vitest';
import { queuesOf } from './worker.js';

it.each([
  [undefined, undefined, 'training,activation,key-rotation,indexing'],
  [undefined, '', 'training,activation,key-rotation,indexing'],
  ['', 'training', 'training'],
  ['activation', 'training', 'activation'],
  [undefined, 'none', 'none'],
])('a worker asked by the option %s and the variable %s works on %s', (option, variable, queues) => {
  expect(queuesOf(option, variable)).toBe(queues);
});
