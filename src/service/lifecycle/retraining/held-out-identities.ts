import { createHash } from 'node:crypto';
import { Failure } from '../../../core/failure.js';
import { countToHoldOut, type TrainableIdentity } from './held-out-share.js';
import { fewestHeldOut, fewestTrainedOn } from './retraining-policy.js';

export interface HeldOutIdentities {
  readonly chosen: ReadonlySet<string>;
  /**
   * The bound below which an identity's place was held out; by it alone they are found again, whoever came and went
   * since.
   */
  readonly below: number;
}

/** How many are held out. */
export interface HoldOut {
  /** Of the identities; undefined: as many as thresholds need. */
  readonly fraction: number | undefined;
  /** What thresholds are needed at. */
  readonly falseMatchRate: number;
}

/**
 * Chooses the identities held out by their places alone, which never change: round(fraction · n) of n, or as many as thresholds need
 * (`countToHoldOut`), at least two, those of the lowest places.
 *
 * A parent that was fine-tuned here has a bound of its own, and then it is that: whoever was held out for it stays so,
 * and nobody whom it was trained on is held out, or it would be measured on what it was taught. How many those are follows
 * from its bound, not from the fraction: about the same share, since places are uniform.
 * @param parentBelow the parent's bound (`heldOutBelowOf`); 1 where it was never fine-tuned here
 * @throws Failure TRAINING_DATA_INSUFFICIENT where fewer than two are held out, or fewer than two are left to train on
 */
export function heldOutOf(
  identities: readonly TrainableIdentity[],
  holdOut: HoldOut,
  parentBelow: number,
): HeldOutIdentities {
  const below = parentBelow < 1 ? parentBelow : boundOf(identities, holdOut);
  const chosen = heldOutBelow(
    identities.map(({ identity }) => identity),
    below,
  );
  requireBoth(chosen.size, identities.length - chosen.size, parentBelow);
  return { chosen, below };
}

/** Just above the place of the last one that is held out. */
function boundOf(identities: readonly TrainableIdentity[], { fraction, falseMatchRate }: HoldOut): number {
  const byPlace = identities
    .map((one) => ({ ...one, place: placeOf(one.identity) }))
    .sort((a, b) => a.place - b.place);
  const wanted =
    fraction === undefined
      ? countToHoldOut(byPlace, falseMatchRate)
      : Math.round(fraction * identities.length);
  return nextAbove(byPlace[Math.max(fewestHeldOut, wanted) - 1]?.place ?? 1);
}

function requireBoth(heldOut: number, trainedOn: number, parentBelow: number): void {
  if (heldOut >= fewestHeldOut && trainedOn >= fewestTrainedOn) return;
  const whose =
    parentBelow < 1
      ? ' The model was fine-tuned here, and whoever was held out of that stays so: enrol more people, or fine-tune what it came from (its lineage names it).'
      : ' Enrol more people.';
  throw new Failure(
    'TRAINING_DATA_INSUFFICIENT',
    `Of ${heldOut + trainedOn} identities with enough faces ${heldOut} are held out and ${trainedOn} are left to train on; ` +
      `${fewestHeldOut} are needed to compare on, and ${fewestTrainedOn} to train on.${whose}`,
    { held_out_identities: String(heldOut), trained_identities: String(trainedOn) },
  );
}

export function heldOutBelow(identities: readonly string[], below: number): ReadonlySet<string> {
  return new Set(identities.filter((identity) => placeOf(identity) < below));
}

const places = 2 ** 48;

function nextAbove(place: number): number {
  return place + 1 / places;
}

/** The place of an identity, uniform in [0, 1), in steps of 2^-48. */
function placeOf(identity: string): number {
  return createHash('sha256').update(`held out ${identity}`).digest().readUIntBE(0, 6) / places;
}
