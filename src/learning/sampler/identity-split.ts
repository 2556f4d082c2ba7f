import { shuffle, uniformGenerator } from '../../core/random/seeded-random.js';

/** The choice of identities that a run trains on. All that is left out is held out, for measuring. */
export interface IdentitySelection {
  /** The identities that are chosen; all where it is undefined. */
  readonly include?: readonly string[];
  /** The identities that are left out. */
  readonly exclude?: readonly string[];
  /** These too are left out of training: by name, or a random share of what the other options leave, 0 to 1. */
  readonly holdOut?: readonly string[] | { readonly fraction: number; readonly seed: number };
}

/** Identities, each in one of the two and in the order that they came in. */
export interface IdentitySplit {
  readonly training: readonly string[];
  /** Held out for measuring; those that are not included or excluded are in neither. */
  readonly heldOut: readonly string[];
}

/**
 * Divides identities into those trained on and those held out. A random share is `round(fraction * count)` identities
 * and depends on the names and the seed, not on the names' order.
 *
 * @throws RangeError where an option names an identity that is not there, or the fraction is not in 0 to 1
 */
export function splitIdentities(
  identities: readonly string[],
  { include, exclude = [], holdOut = [] }: IdentitySelection = {},
): IdentitySplit {
  const known = new Set(identities);
  requireKnown('include', include ?? [], known);
  requireKnown('exclude', exclude, known);
  const included = new Set(include ?? identities);
  const excluded = new Set(exclude);
  const chosen = identities.filter((identity) => included.has(identity) && !excluded.has(identity));
  const held = new Set(namesHeldOut(chosen, holdOut, known));
  return {
    training: chosen.filter((identity) => !held.has(identity)),
    heldOut: chosen.filter((identity) => held.has(identity)),
  };
}

function namesHeldOut(
  chosen: readonly string[],
  holdOut: NonNullable<IdentitySelection['holdOut']>,
  known: ReadonlySet<string>,
): readonly string[] {
  if (!('fraction' in holdOut)) {
    requireKnown('holdOut', holdOut, known);
    return holdOut;
  }
  const { fraction, seed } = holdOut;
  if (!(fraction >= 0 && fraction <= 1)) {
    throw new RangeError(`the fraction held out must lie in 0 to 1, not ${fraction}`);
  }
  const sorted = [...chosen].sort((a, b) => (a < b ? -1 : 1));
  return shuffle(sorted, uniformGenerator(seed)).slice(0, Math.round(fraction * chosen.length));
}

/** A name that was misspelt would silently be trained on. */
function requireKnown(option: string, names: readonly string[], known: ReadonlySet<string>): void {
  const unknown = names.find((name) => !known.has(name));
  if (unknown !== undefined)
    throw new RangeError(`${option} names an identity that is not there: ${unknown}`);
}
