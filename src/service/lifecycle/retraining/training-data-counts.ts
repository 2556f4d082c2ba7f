import { Failure } from '../../../core/failure.js';
import type { RetrainingPolicy } from './retraining-policy.js';

/** How many faces there are to train on; an identity is a subject, of whichever collection and tenant. */
export interface TrainingDataCounts {
  /** How many identities have a face. */
  readonly enrolledIdentities: number;
  readonly enrolledFaces: number;
  /** How many identities consent to training, which are subjects here. */
  readonly consentingIdentities: number;
  readonly consentingFaces: number;
  /** How many consenting identities have enough faces each: what can be trained on, and held out. */
  readonly identities: number;
  readonly faces: number;
  /** How many of these faces have ρ > τ. */
  readonly frontalFaces: number;
}

/**
 * The counts of faces that are not enrolled, as if all of them were and everyone consented: what the store counts of those that are.
 * @param identities the frontness ρ of each identity's faces
 */
export function countsOf(
  identities: readonly (readonly number[])[],
  { minimumFacesPerIdentity, tau }: Pick<RetrainingPolicy, 'minimumFacesPerIdentity' | 'tau'>,
): TrainingDataCounts {
  const withFaces = identities.filter(({ length }) => length > 0);
  const withEnough = withFaces.filter(({ length }) => length >= minimumFacesPerIdentity);
  const faces = withEnough.flat();
  const all = { identities: withFaces.length, faces: withFaces.flat().length };
  return {
    enrolledIdentities: all.identities,
    enrolledFaces: all.faces,
    consentingIdentities: all.identities,
    consentingFaces: all.faces,
    identities: withEnough.length,
    faces: faces.length,
    frontalFaces: faces.filter((rho) => rho > tau).length,
  };
}

/** Whether enough of the faces are frontal for the symmetry term to help (the paper's limitation). */
export function isFrontalEnough(
  { faces, frontalFaces }: Pick<TrainingDataCounts, 'faces' | 'frontalFaces'>,
  { minimumFrontalShare }: Pick<RetrainingPolicy, 'minimumFrontalShare'>,
): boolean {
  return frontalFaces >= minimumFrontalShare * faces;
}

/** @throws Failure TRAINING_DATA_INSUFFICIENT with every condition that is missed, and all counts */
export function requireEnoughData(counts: TrainingDataCounts, policy: RetrainingPolicy): void {
  const missed = missedConditions(counts, policy);
  if (missed.length === 0) return;
  throw new Failure(
    'TRAINING_DATA_INSUFFICIENT',
    `${missed.join('; ')}. Enrolled are ${amount(counts.enrolledFaces, counts.enrolledIdentities)}; their subjects ` +
      `consent to training for ${amount(counts.consentingFaces, counts.consentingIdentities)}; with at least ` +
      `${policy.minimumFacesPerIdentity} faces each there are ${amount(counts.faces, counts.identities)}, ` +
      `${counts.frontalFaces} faces of them frontal (ρ > ${policy.tau}).`,
    Object.fromEntries(Object.entries(counts).map(([name, count]) => [metadataKey(name), String(count)])),
  );
}

function missedConditions(
  { identities }: TrainingDataCounts,
  { minimumIdentities, minimumFacesPerIdentity }: RetrainingPolicy,
): readonly string[] {
  const missed: string[] = [];
  if (identities < minimumIdentities) {
    missed.push(
      `${identities} identities have at least ${minimumFacesPerIdentity} faces that may be trained on, and ` +
        `${minimumIdentities} are needed`,
    );
  }
  return missed;
}

function amount(faces: number, identities: number): string {
  return `${faces} faces of ${identities} identities`;
}

function metadataKey(name: string): string {
  return name.replaceAll(/[A-Z]/gu, (letter) => `_${letter.toLowerCase()}`);
}
