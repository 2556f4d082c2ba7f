import { describe, expect, it } from 'vitest';
import { joinedProcesses } from '../../../test/support/joined-processes.js';
import { uniformGenerator } from '../../core/random/seeded-random.js';
import { HostSgd } from '../step/host-sgd.js';
import { SharedDescent } from './shared-descent.js';

/** One that is shared by three in two pieces with a number left over, one that may not be shared, and one that is too short. */
const lengths = [31, 30, 5];
const lengthsOfShares = { from: 10, block: 6 };
const size = 3;
const learningRate = 0.1;
const share = 1 / size;
const mayShare = (index: number): boolean => index !== 1;

function drawn(seed: number): Float32Array[] {
  const next = uniformGenerator(seed);
  return lengths.map((length) => Float32Array.from({ length }, () => 2 * next() - 1));
}

/** Weights and momentum, the same whenever they are asked for. */
function started(gradientClipNorm?: number): HostSgd {
  const velocities = drawn(2);
  return new HostSgd(
    drawn(1).map((values, index) => ({ values, velocities: velocities[index]!, decay: 0.01 * index })),
    { momentum: 0.9, ...(gradientClipNorm === undefined ? {} : { gradientClipNorm }) },
  );
}

/** Takes steps by three processes. @returns the norms of each step, by process, and what they have in the end */
async function together(steps: number, gradientClipNorm?: number) {
  return Promise.all(
    joinedProcesses(size).map(async (processes, rank) => {
      const sgd = started(gradientClipNorm);
      const descent = new SharedDescent(processes, sgd, mayShare, lengthsOfShares);
      const norms: number[] = [];
      for (let step = 0; step < steps; step++) {
        const gradients = drawn(10 + size * step + rank);
        await descent.sum(gradients, []);
        const norm = await descent.norm(gradients, share);
        await descent.descend(gradients, { share, norm }, learningRate);
        norms.push(norm);
      }
      const stale = sgd.arrays.map(({ velocities }) => velocities.slice());
      await descent.gatherMomentum();
      return { norms, sgd, stale, isShared: descent.isShared };
    }),
  );
}

/** The same steps by one process that has the sums. */
function alone(steps: number, gradientClipNorm?: number) {
  const sgd = started(gradientClipNorm);
  const norms: number[] = [];
  for (let step = 0; step < steps; step++) {
    const all = Array.from({ length: size }, (_, rank) => drawn(10 + size * step + rank));
    const sums = lengths.map((length, index) =>
      Float32Array.from({ length }, (_, place) => all.reduce((sum, each) => sum + each[index]![place]!, 0)),
    );
    const norm = sgd.norm(sums, share);
    sgd.sgdStep(sums, share, norm, learningRate);
    norms.push(norm);
  }
  return { norms, sgd };
}

describe('SharedDescent', () => {
  it.each([undefined, 0.5])(
    'takes the steps of one process that has all sums, clipped at %s',
    async (clip) => {
      const expected = alone(4, clip);
      const processes = await together(4, clip);
      for (const { norms, sgd, isShared } of processes) {
        expect(isShared).toBe(true);
        expect(norms).toEqual(processes[0]!.norms);
        for (const [step, norm] of norms.entries()) expect(norm / expected.norms[step]!).toBeCloseTo(1, 6);
        for (const [index, { values, velocities }] of sgd.arrays.entries()) {
          const { values: weights, velocities: momentum } = expected.sgd.arrays[index]!;
          for (const place of values.keys()) {
            expect(values[place], `weight ${place} of array ${index}`).toBeCloseTo(weights[place]!, 6);
            expect(velocities[place], `momentum ${place} of array ${index}`).toBeCloseTo(momentum[place]!, 6);
          }
        }
      }
    },
  );

  it('updates the momentum of its own part alone until it is gathered', async () => {
    const [first] = await together(1);
    const { velocities } = first!.sgd.arrays[0]!;
    const before = drawn(2)[0]!;
    // Pieces of 18 and 12 numbers, of which it has 6 and 4.
    for (const place of Array.from({ length: 30 }).keys()) {
      const isOwn = place < 6 || (place >= 18 && place < 22);
      expect(first!.stale[0]![place], `momentum ${place}`).toBe((isOwn ? velocities : before)[place]);
    }
    // What does not divide is everybody's.
    expect(first!.stale[0]![30]).toBe(velocities[30]);
  });

  it('shares nothing where no array is large', () => {
    const [processes] = joinedProcesses(1);
    const descent = new SharedDescent(processes!, started(), () => true, { from: 100, block: 6 });
    expect(descent.isShared).toBe(false);
  });
});
