/** Numbers drawn with a generator of uniform ones on [0, 1). */
import { createHash } from 'node:crypto';

/** A generator of uniform numbers on [0, 1). */
export type Uniform = () => number;

/** Uniform from `least` to `most`. */
export function between(uniform: Uniform, least: number, most: number): number {
  return least + (most - least) * uniform();
}

/** From `least` to `most`, every octave alike. */
export function logBetween(uniform: Uniform, least: number, most: number): number {
  return Math.exp(between(uniform, Math.log(least), Math.log(most)));
}

/** One of a list, which must not be empty. */
export function drawn<Element>(uniform: Uniform, list: readonly Element[]): Element {
  return list[Math.floor(uniform() * list.length)] as Element;
}

/** A seed of 32 bits: equal names are equal noise, whatever else is worked on, and in whatever order. */
export function seedOf(...names: readonly (string | number)[]): number {
  return createHash('sha256').update(names.join('\n')).digest().readUInt32LE();
}
