import type { IdentityFaces, IdentityPlace } from '../../datasets/identities/identity-format.js';
import type { IdentityFormatName } from '../../datasets/identities/identity-formats.js';
import type { FileRange, ImageLocation } from '../../datasets/identities/image-location.js';
import type { FaceMeasures } from './face-measures.js';

/** How data to train on is laid out; enrolled-faces is a training job's snapshot. */
export type TrainingDataFormat = IdentityFormatName | 'enrolled-faces';

/** The place where a thread finds an encoded image. */
export type FaceLocation =
  | ImageLocation
  /** An enrolled face's crop in a snapshot, encrypted. */
  | ({ readonly kind: 'sealed'; readonly faceId: string } & FileRange);

/** Encoded images of faces on disk, and whom they show. */
export interface TrainingFaceSource extends Omit<IdentityFaces, 'locationOf'> {
  readonly format: TrainingDataFormat;
  locationOf(face: number): FaceLocation;
  /** What is known of the faces where the data set holds it itself; else it is in a file of tags. */
  readonly measures?: FaceMeasures;
  /** The identities that are not trained on, where the data set says whom. */
  readonly heldOutIdentities?: readonly string[];
}

/** The place of data to train on. Reading enrolled faces takes the key that they are encrypted with. */
export interface TrainingDataLocation extends IdentityPlace {
  readonly format: TrainingDataFormat;
}
