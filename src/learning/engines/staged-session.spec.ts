import * as tf from '@tensorflow/tfjs';
import { expect, it } from 'vitest';

import { joinedProcesses } from '../../../test/support/joined-processes.js';
import { compileInStages, compileToOnnx, STANDARD_ONNX, type TracedFunction } from '../../compiler/index.js';
import { Tensor } from '../../onnx/onnx-runtime.js';
import { acrossProcesses } from '../operations/across-processes.js';
import { StagedSession } from './staged-session.js';

const oneCpu = { provider: 'cpu', threads: 1 } as const;

/** y = Σ (x Σ 2x) + 2x, with the sums over the processes. */
const twice: TracedFunction = {
  name: 'twice',
  inputs: [{ name: 'x', shape: [2], dtype: 'float32' }],
  outputs: ['y'],
  run: (x) => {
    const doubled = tf.mul<tf.Tensor1D>(x, 2);
    const scaled = tf.mul<tf.Tensor1D>(x, tf.sum(acrossProcesses(doubled), 0));
    return [tf.add(tf.sum(acrossProcesses(scaled), 0), doubled)];
  },
};

async function twoSessions() {
  const stages = compileInStages(twice, { ...STANDARD_ONNX, processCount: 2 });
  expect(stages).toHaveLength(3);
  return Promise.all(
    joinedProcesses(2).map(async (process) => StagedSession.create(stages, oneCpu, process)),
  );
}

const runWith = async (session: StagedSession, x: readonly number[]) =>
  session.run({ x: new Tensor('float32', Float32Array.from(x), [2]) });

it('each process has the sums of both where the graph needs them, and keeps nothing but what comes out', async () => {
  const sessions = await twoSessions();
  // 2x are [2, 4] and [6, 8], together [8, 12]; times x [8, 24] and [24, 48], together [32, 72].
  const [first, second] = await Promise.all([runWith(sessions[0]!, [1, 2]), runWith(sessions[1]!, [3, 4])]);
  expect([...(first['y']!.data as Float32Array)]).toEqual([34, 76]);
  expect([...(second['y']!.data as Float32Array)]).toEqual([38, 80]);
  expect(Object.keys(first).toSorted()).toEqual(['x', 'y']);
  await Promise.all(sessions.map((session) => session.close()));
});

it('a process without a batch adds nothing', async () => {
  const [one, other] = await twoSessions();
  const [result] = await Promise.all([runWith(one!, [1, 2]), other!.runWithoutBatch()]);
  expect([...(result['y']!.data as Float32Array)]).toEqual([4, 12]);
  await Promise.all([one!.close(), other!.close()]);
});

it('one graph cannot wait for other processes', () => {
  expect(() => compileToOnnx(twice)).toThrow(/compiled in stages/u);
});
