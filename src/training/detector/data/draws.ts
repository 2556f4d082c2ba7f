import { standardNormal, uniformGenerator } from '../../../core/random/seeded-random.js';

/** Random numbers of the shapes that images are made with. The same seed gives the same ones. */
export class Draws {
  private readonly generator: () => number;

  constructor(seed: number) {
    this.generator = uniformGenerator(seed);
  }

  /** On [0, 1). */
  uniform(): number {
    return this.generator();
  }

  between(low: number, high: number): number {
    return low + (high - low) * this.generator();
  }

  /** Each doubling is as probable as any other. */
  logBetween(low: number, high: number): number {
    return low * (high / low) ** this.generator();
  }

  /** A whole number from `low` to `high`, both included. */
  integer(low: number, high: number): number {
    return low + Math.floor((high - low + 1) * this.generator());
  }

  chance(probability: number): boolean {
    return this.generator() < probability;
  }

  /** Normally distributed, mean 0 and standard deviation 1 (Box and Muller, 1958). */
  normal(): number {
    return standardNormal(this.generator);
  }

  /** @throws RangeError where there is nothing to choose from */
  pick<T>(choices: readonly T[]): T {
    const choice = choices[Math.floor(choices.length * this.generator())];
    if (choice === undefined) throw new RangeError('there is nothing to choose from');
    return choice;
  }

  /** A key, as often as its weight says. @throws RangeError where no weight is above 0 */
  weighted<Key extends string>(weights: Readonly<Record<Key, number>>): Key {
    const entries = Object.entries(weights) as [Key, number][];
    let left = entries.reduce((sum, [, weight]) => sum + weight, 0) * this.generator();
    for (const [key, weight] of entries) {
      left -= weight;
      if (left < 0) return key;
    }
    throw new RangeError('no weight is above 0');
  }

  /** Red, green and blue, 0 to 255; most are muted. */
  colour(): Colour {
    const grey = this.between(0, 256);
    const saturation = this.uniform() ** 1.5;
    const channel = (): number => grey + saturation * (this.between(0, 256) - grey);
    return [channel(), channel(), channel()];
  }
}

export type Colour = readonly [number, number, number];
