import { createHash } from 'node:crypto';
import { fewestHeldOut } from './retraining-policy.js';

export interface HeldOutIdentities {
  readonly chosen: ReadonlySet<string>;
  /**
   * The bound below which an identity's place was held out; by it alone they are found again, whoever came and went
   * since.
   */
  readonly below: number;
}

/**
 * Chooses the identities held out by the identities themselves: whoever was held out once is so ever after, so that a
 * model that is fine-tuned from a fine-tuned one is not measured on those whom its parent was trained on.
 */
export function heldOutOf(identities: readonly string[], fraction: number): HeldOutIdentities {
  const places = identities.map(imageLocationOf).sort((a, b) => a - b);
  const last = places[fewestHeldOut - 1] ?? 1;
  const below = last < fraction ? fraction : nextAbove(last);
  return { chosen: heldOutBelow(identities, below), below };
}

export function heldOutBelow(identities: readonly string[], below: number): ReadonlySet<string> {
  return new Set(identities.filter((identity) => imageLocationOf(identity) < below));
}

const places = 2 ** 48;

function nextAbove(place: number): number {
  return place + 1 / places;
}

/** The place of an identity, uniform in [0, 1), in steps of 2^-48. */
function imageLocationOf(identity: string): number {
  return createHash('sha256').update(`held out ${identity}`).digest().readUIntBE(0, 6) / places;
}
