import type { DetectedFace } from '../../core/faces/face.js';

/** From this sureness of a face on, it is needless to look at the photograph any further for it. */
const certainSureness = 0.75;
/** How much the landmarks' uncertainty, a share of the face's side, counts against a face. */
const uncertaintyWeight = 2.5;

/**
 * How sure a face is, 0 to 1: its probability, lowered by its landmarks' uncertainty, which tells a face upside down that passes for one
 * from an upright one.
 */
export function surenessOf({ probability, landmarkUncertainty = 0 }: DetectedFace): number {
  return probability / (1 + uncertaintyWeight * landmarkUncertainty);
}

/** @param sureness as {@link surenessOf} gives it */
export function isCertainlyFace(sureness: number): boolean {
  return sureness >= certainSureness;
}
