import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  EpochSampler,
  type EpochSamplerOptions,
  type SampleBatch,
  type FaceSample,
} from './epoch-sampler.js';

const options: EpochSamplerOptions = { tau: 0.2, splitFraction: 0.3, batchSize: 10, flip: true, seed: 5 };

/** ρ of N faces, the first of them symmetric. */
function rhoOf(faceCount: number, symmetricCount: number): number[] {
  return Array.from({ length: faceCount }, (_, face) => (face < symmetricCount ? 0.9 : 0));
}

function batchesOf(planner: EpochSampler, epoch: number): SampleBatch[] {
  const plan = planner.plan(epoch);
  return Array.from({ length: plan.batchCount }, (_, batch) => plan.batch(batch));
}

function real(batches: readonly SampleBatch[]): FaceSample[] {
  return batches.flatMap(({ samples }) => samples.filter(({ isPadding }) => !isPadding));
}

function splitFaces(batches: readonly SampleBatch[]): number[] {
  return real(batches)
    .filter(({ part }) => part === 'left')
    .map(({ face }) => face)
    .sort((a, b) => a - b);
}

const arbitraryRun = fc
  .record({
    rho: fc.array(fc.constantFrom(0, 0.1, 0.2, 0.2000001, 0.5, 1), { minLength: 1, maxLength: 400 }),
    splitFraction: fc.oneof(fc.constantFrom(0, 0.3, 0.5, 1), fc.double({ min: 0, max: 1, noNaN: true })),
    batchSize: fc.integer({ min: 1, max: 40 }).map((half) => 2 * half),
    seed: fc.integer(),
    epoch: fc.integer({ min: 0, max: 1000 }),
    flip: fc.boolean(),
  })
  .map(({ rho, epoch, ...chosen }) => ({
    rho,
    epoch,
    planner: new EpochSampler(rho, { ...chosen, tau: 0.2 }),
    ...chosen,
  }));

describe('EpochSampler', () => {
  it("trains on N' = N_asym + (1 - p) N_sym + 2 p N_sym samples (Eq. 8), p N_sym rounded to faces", () => {
    fc.assert(
      fc.property(arbitraryRun, ({ rho, planner, splitFraction, epoch }) => {
        const symmetricCount = rho.filter((value) => value > 0.2).length;
        const asymmetricCount = rho.length - symmetricCount;
        const split = Math.round(splitFraction * symmetricCount);
        const samples = real(batchesOf(planner, epoch));
        expect(planner.symmetricCount).toBe(symmetricCount);
        expect(samples.filter(({ part }) => part === 'full')).toHaveLength(
          asymmetricCount + symmetricCount - split,
        );
        expect(samples.filter(({ part }) => part !== 'full')).toHaveLength(2 * split);
        expect(planner.layout.sampleCount).toBe(samples.length);
        // Where p N_sym is whole, it is the paper's N + p N_sym to the letter.
        expect(Math.abs(samples.length - (rho.length + splitFraction * symmetricCount))).toBeLessThanOrEqual(
          0.5,
        );
      }),
    );
  });

  it("is the paper's N' for a data set with MS1MV2's share of symmetric faces", () => {
    const planner = new EpochSampler(rhoOf(10_000, 4100), { ...options, batchSize: 150 });
    expect(planner.symmetricCount).toBe(4100);
    expect(planner.layout).toEqual({
      splitFaceCount: 1230,
      sampleCount: 5900 + 0.7 * 4100 + 2 * 0.3 * 4100,
      batchCount: 75,
      splitSlots: 17,
    });
  });

  it('shows every face once: whole, or as both of its halves in one batch with one flip', () => {
    fc.assert(
      fc.property(arbitraryRun, ({ rho, planner, epoch }) => {
        const seen = new Map<number, string[]>();
        for (const [batch, planned] of batchesOf(planner, epoch).entries()) {
          for (const { face, part, isFlipped } of real([planned])) {
            seen.set(face, [...(seen.get(face) ?? []), `${part} ${batch} ${isFlipped}`]);
          }
        }
        expect(seen.size).toBe(rho.length);
        for (const [face, [first = '', second, ...more]] of seen) {
          expect(more).toEqual([]);
          if (second === undefined) expect(first).toMatch(/^full/u);
          else {
            expect(second).toBe(first.replace('left', 'right'));
            expect(rho[face]).toBeGreaterThan(0.2);
          }
        }
      }),
    );
  });

  it('lays every batch out alike: P slots, even counts, padding in the last one only', () => {
    fc.assert(
      fc.property(arbitraryRun, ({ planner, epoch, batchSize, splitFraction }) => {
        const { splitSlots, batchCount, splitFaceCount } = planner.layout;
        const batches = batchesOf(planner, epoch);
        expect(2 * splitSlots).toBeLessThanOrEqual(batchSize);
        if (splitFraction === 0) expect(splitSlots).toBe(0);
        expect(batches.reduce((sum, batch) => sum + batch.splitFaceCount, 0)).toBe(splitFaceCount);
        for (const [index, { samples, splitFaceCount: count }] of batches.entries()) {
          const isLast = index === batchCount - 1;
          expect(samples).toHaveLength(batchSize);
          if (isLast) expect(count).toBeLessThanOrEqual(splitSlots);
          else expect([splitSlots - 1, splitSlots]).toContain(count);
          if (!isLast) expect(samples.some(({ isPadding }) => isPadding)).toBe(false);
          for (const [position, { part, face }] of samples.entries()) {
            const slot = position % Math.max(splitSlots, 1);
            const isHalf = position < 2 * splitSlots && slot < count;
            expect(part).toBe(!isHalf ? 'full' : position < splitSlots ? 'left' : 'right');
            if (part === 'right') expect(samples[slot]?.face).toBe(face);
          }
        }
      }),
    );
  });

  it('shows split faces whole, too, in the slots behind their halves, where that is asked for', () => {
    const rho = rhoOf(97, 40);
    const planner = new EpochSampler(rho, { ...options, batchSize: 12, showsSplitFacesWhole: true });
    const { splitSlots, sampleCount, splitFaceCount } = planner.layout;
    // N' = 97 + 2 p N_sym.
    expect({ sampleCount, splitFaceCount }).toEqual({ sampleCount: 97 + 2 * 12, splitFaceCount: 12 });
    const batches = batchesOf(planner, 2);
    for (const { samples, splitFaceCount: count } of batches) {
      for (let slot = 0; slot < count; slot++) {
        const parts = [0, 1, 2].map((part) => samples[part * splitSlots + slot]!);
        expect(parts.map(({ part }) => part)).toEqual(['left', 'right', 'full']);
        expect(new Set(parts.map(({ face }) => face)).size).toBe(1);
        expect(new Set(parts.map(({ isFlipped }) => isFlipped)).size).toBe(1);
      }
    }
    const full = real(batches).filter(({ part }) => part === 'full');
    expect(full.map(({ face }) => face).sort((a, b) => a - b)).toEqual([...rho.keys()]);
    expect(real(batches)).toHaveLength(sampleCount);
    // A third of every batch is more than 10 samples have room for.
    const tooMany = { ...options, splitFraction: 1, showsSplitFacesWhole: true };
    expect(() => new EpochSampler(rhoOf(97, 97), tooMany)).toThrow(/do not fit into a batch of 10/u);
  });

  it('has epochs of so many samples, whether faces are split or not', () => {
    const rho = rhoOf(97, 40);
    const of = (change: Partial<EpochSamplerOptions>) =>
      new EpochSampler(rho, { ...options, samplesPerEpoch: 90, ...change });
    for (const change of [{}, { splitFraction: 0 }, { showsSplitFacesWhole: true }]) {
      const planner = of(change);
      const epochs = [0, 1].map((epoch) => batchesOf(planner, epoch));
      expect(planner.layout).toMatchObject({ sampleCount: 90, batchCount: 9 });
      for (const batches of epochs) {
        expect(real(batches)).toHaveLength(90);
        expect(batches.reduce((sum, batch) => sum + batch.splitFaceCount, 0)).toBe(
          planner.layout.splitFaceCount,
        );
      }
      // Another part of the faces in another epoch.
      const [first, second] = epochs.map((batches) => new Set(real(batches).map(({ face }) => face)));
      expect([...first!].some((face) => !second!.has(face))).toBe(true);
    }
    expect(() => of({ samplesPerEpoch: 95 })).toThrow(/multiple of batchSize, 10/u);
    expect(() => of({ samplesPerEpoch: 200 })).toThrow(/all faces make 109 samples/u);
  });

  it('repeats itself for a seed and an epoch', () => {
    const rho = rhoOf(97, 40);
    const [first, second] = [new EpochSampler(rho, options), new EpochSampler(rho, options)];
    expect(batchesOf(first, 3)).toEqual(batchesOf(second, 3));
    // Any batch by itself, as when a run goes on.
    expect(second.plan(3).batch(7)).toEqual(batchesOf(first, 3)[7]);
  });

  it('splits other faces, in another order and with other flips, in another epoch or with another seed', () => {
    const rho = rhoOf(997, 400);
    const planner = new EpochSampler(rho, options);
    const other = new EpochSampler(rho, { ...options, seed: 6 });
    const epochs = [batchesOf(planner, 0), batchesOf(planner, 1), batchesOf(other, 0)];
    expect(new Set(epochs.map((batches) => splitFaces(batches).join())).size).toBe(3);
    expect(
      new Set(
        epochs.map((batches) =>
          real(batches)
            .map(({ face }) => face)
            .join(),
        ),
      ).size,
    ).toBe(3);
    const flips = epochs.map(
      (batches) => new Map(real(batches).map(({ face, isFlipped }) => [face, isFlipped])),
    );
    const changed = rho.filter((_, face) => flips[0]?.get(face) !== flips[1]?.get(face)).length;
    expect(Math.abs(changed - 498.5)).toBeLessThan(6 * 15.8);
  });

  it('splits every symmetric face equally often over many epochs, and flips half', () => {
    const planner = new EpochSampler(rhoOf(50, 20), options);
    const splits = new Uint32Array(50);
    let flipped = 0;
    const epochs = 1000;
    for (let epoch = 0; epoch < epochs; epoch++) {
      const batches = batchesOf(planner, epoch);
      for (const face of splitFaces(batches)) splits[face] = (splits[face] ?? 0) + 1;
      flipped += new Set(real(batches).flatMap(({ face, isFlipped }) => (isFlipped ? [face] : []))).size;
    }
    const often = splits.filter((count) => count > 0);
    expect(often).toHaveLength(20);
    // Binomial with p = 0.3 and 0.5: five standard deviations.
    for (const count of often) expect(Math.abs(count - 300)).toBeLessThan(5 * 14.5);
    expect(Math.abs(flipped / (50 * epochs) - 0.5)).toBeLessThan(5 * 0.0023);
  });

  it('never flips where that is off', () => {
    const planner = new EpochSampler(rhoOf(50, 20), { ...options, flip: false });
    expect(real(batchesOf(planner, 0)).some(({ isFlipped }) => isFlipped)).toBe(false);
  });

  it('trains plainly where nothing is to be split', () => {
    for (const planner of [
      new EpochSampler(rhoOf(25, 0), options),
      new EpochSampler(rhoOf(25, 20), { ...options, splitFraction: 0 }),
      new EpochSampler(rhoOf(25, 20), { ...options, tau: 0.9 }),
    ]) {
      expect(planner.layout).toEqual({ splitFaceCount: 0, sampleCount: 25, batchCount: 3, splitSlots: 0 });
      const padding = batchesOf(planner, 0).map(
        ({ samples }) => samples.filter(({ isPadding }) => isPadding).length,
      );
      expect(padding).toEqual([0, 0, 5]);
    }
  });

  it('fills the last batch with faces that it holds already', () => {
    const batches = batchesOf(new EpochSampler(rhoOf(23, 0), options), 0);
    const last = batches.at(-1)?.samples ?? [];
    const faces = new Set(real(batches.slice(-1)).map(({ face }) => face));
    expect(faces.size).toBe(3);
    expect(last.filter(({ isPadding }) => isPadding).every(({ face }) => faces.has(face))).toBe(true);
  });

  it.each([
    [{ batchSize: 11 }, /must be even/u],
    [{ batchSize: 0 }, /batchSize/u],
    [{ splitFraction: 1.1 }, /splitFraction/u],
    [{ splitFraction: Number.NaN }, /splitFraction/u],
  ])('refuses %j', (change, message) => {
    expect(() => new EpochSampler(rhoOf(20, 10), { ...options, ...change })).toThrow(message);
  });

  it('refuses no faces, and a batch that is not there', () => {
    expect(() => new EpochSampler([], options)).toThrow(RangeError);
    const plan = new EpochSampler(rhoOf(20, 0), options).plan(0);
    expect(() => plan.batch(2)).toThrow(RangeError);
    expect(() => plan.batch(-1)).toThrow(RangeError);
  });
});
