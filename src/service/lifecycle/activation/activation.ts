import type { Json } from '../../jobs/job.js';

/** A version that is to serve. */
export interface ActivationInput {
  readonly modelVersion: string;
  /** Back to what served before. */
  readonly isRollBack: boolean;
  /** It was fine-tuned here, and is to serve although no assessment has passed it. */
  readonly skipsAssessment: boolean;
  /** It has no threshold at the false match rate in force, and is to serve although requests have to state their own. */
  readonly withoutThreshold: boolean;
}

/** `loading` the version, `re-embedding` the faces, `switching` to it and `removing` templates that nobody needs now. */
export const activationPhases = ['loading', 're-embedding', 'switching', 'removing'] as const;
export type ActivationPhase = (typeof activationPhases)[number];

export interface ActivationProgress {
  readonly phase: ActivationPhase;
  /** Enrolled faces when it was counted last. */
  readonly faceCount: number;
  /** The number of these that have a template under the version. */
  readonly embeddedCount: number;
  /** The number of these that cannot have one: they were enrolled by an embedding of another version. */
  readonly leftCount: number;
}

export interface ActivationResult {
  /** Served before; undefined where nothing did. */
  readonly previousId: string | undefined;
}

/** The value as a job holds it. */
export function orderJson(order: ActivationInput): Json {
  return { ...order };
}

/** @throws TypeError where a job holds something else */
export function orderOf(json: Json): ActivationInput {
  const { modelVersion, isRollBack, skipsAssessment, withoutThreshold } = recordOf(json);
  if (typeof modelVersion !== 'string') throw new TypeError('the input of an activation job is not an order');
  return {
    modelVersion,
    isRollBack: isRollBack === true,
    skipsAssessment: skipsAssessment === true,
    withoutThreshold: withoutThreshold === true,
  };
}

export function progressOf(json: Json): ActivationProgress {
  const { phase, faceCount, embeddedCount, leftCount } = recordOf(json);
  return {
    phase: activationPhases.find((known) => known === phase) ?? 'loading',
    faceCount: Number(faceCount ?? 0),
    embeddedCount: Number(embeddedCount ?? 0),
    leftCount: Number(leftCount ?? 0),
  };
}

export function resultOf(json: Json): ActivationResult {
  const { previousId } = recordOf(json);
  return { previousId: typeof previousId === 'string' ? previousId : undefined };
}

function recordOf(json: Json): Readonly<Record<string, Json>> {
  return typeof json === 'object' && json !== null && !Array.isArray(json)
    ? (json as Readonly<Record<string, Json>>)
    : {};
}
