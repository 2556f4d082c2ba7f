import { describe, expect, it } from 'vitest';

import { BatchedRuns } from './batched-runs.js';
import type { FloatTensor } from './float-tensor.js';

function rows(...values: readonly (readonly [number, number])[]): FloatTensor {
  return { data: Float32Array.from(values.flat()), dimensions: [values.length, 2] };
}

/** Its outputs are each row's sum, [n], and the rows doubled, [n, 2]; it remembers the rows of each run. */
function recordingGraph() {
  const runs: number[] = [];
  const run = (input: FloatTensor): Promise<readonly FloatTensor[]> => {
    const count = input.dimensions[0]!;
    runs.push(count);
    if (input.data.includes(Infinity)) return Promise.reject(new Error('too large'));
    const sums = Float32Array.from({ length: count }, (_, i) => input.data[2 * i]! + input.data[2 * i + 1]!);
    return Promise.resolve([
      { data: sums, dimensions: [count] },
      { data: input.data.map((value) => 2 * value), dimensions: [count, 2] },
    ]);
  };
  return { runs, run };
}

describe('BatchedRuns', () => {
  it('runs concurrent callers together, and gives each its own rows', async () => {
    const { runs, run } = recordingGraph();
    const batched = new BatchedRuns(run, 8);
    const [first, second] = await Promise.all([batched.run(rows([1, 2])), batched.run(rows([3, 4], [5, 6]))]);
    expect(runs).toEqual([3]);
    expect(first).toEqual([
      { data: Float32Array.of(3), dimensions: [1] },
      { data: Float32Array.of(2, 4), dimensions: [1, 2] },
    ]);
    expect(second).toEqual([
      { data: Float32Array.of(7, 11), dimensions: [2] },
      { data: Float32Array.of(6, 8, 10, 12), dimensions: [2, 2] },
    ]);
  });

  it('joins no more runs than it may', async () => {
    const { runs, run } = recordingGraph();
    const batched = new BatchedRuns(run, 2);
    await Promise.all([1, 2, 3, 4, 5].map(async (value) => batched.run(rows([value, value]))));
    expect(runs).toEqual([2, 2, 1]);
  });

  it('tells the callers of a batch of its error, and goes on', async () => {
    const { run } = recordingGraph();
    const batched = new BatchedRuns(run, 2);
    await expect(batched.run(rows([Infinity, 0]))).rejects.toThrow('too large');
    const [sums] = await batched.run(rows([1, 1]));
    expect(sums?.data[0]).toBe(2);
  });
});
