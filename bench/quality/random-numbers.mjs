/** Numbers drawn with a generator of uniform ones on [0, 1). */
import { createHash } from 'node:crypto';

/** Uniform from `least` to `most`. */
export function between(uniform, least, most) {
  return least + (most - least) * uniform();
}

/** From `least` to `most`, every octave alike. */
export function logBetween(uniform, least, most) {
  return Math.exp(between(uniform, Math.log(least), Math.log(most)));
}

/** Standard normal (Box and Muller, 1958). */
export function standardNormal(uniform) {
  return Math.sqrt(-2 * Math.log(1 - uniform())) * Math.cos(2 * Math.PI * uniform());
}

/** One of a list. */
export function drawn(uniform, list) {
  return list[Math.floor(uniform() * list.length)];
}

/** A seed of 32 bits: equal names are equal noise, whatever else is measured. */
export function seedOf(...names) {
  return createHash('sha256').update(names.join('\n')).digest().readUInt32LE();
}
