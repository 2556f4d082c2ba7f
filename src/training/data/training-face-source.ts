import type { TrainingDataFormat } from '../../core/protocols/benchmark-dataset.js';
import type { FaceMeasures } from './face-measures.js';

/** The place where a thread finds an encoded image. */
export type FaceLocation =
  | { readonly kind: 'file'; readonly path: string }
  | {
      readonly kind: 'record';
      /** The path of the `.rec` file. */
      readonly path: string;
      readonly key: number;
      readonly offset: number;
      /** What the record must say of its class; only a few are read beforehand. */
      readonly label: number;
    }
  | {
      /** An enrolled face's crop in a snapshot, encrypted. */
      readonly kind: 'sealed';
      readonly path: string;
      readonly faceId: string;
      readonly offset: number;
      readonly byteLength: number;
    };

/** Encoded images of faces on disk, and whom they show; by index, since a set has millions. */
export interface TrainingFaceSource {
  readonly format: TrainingDataFormat;
  readonly faceCount: number;
  /** Names by identity index */
  readonly identities: readonly string[];
  /** Index of whom a face shows */
  identityOf(face: number): number;
  /** The image's name in messages and tags */
  nameOf(face: number): string;
  /** Inverse of `nameOf`; undefined for names of no face */
  faceNamed(name: string): number | undefined;
  locationOf(face: number): FaceLocation;
  /** What is known of the faces where the data set holds it itself; else it is in a file of tags. */
  readonly measures?: FaceMeasures;
  /** The identities that are not trained on, where the data set says whom. */
  readonly heldOutIdentities?: readonly string[];
}

/** The place of data to train on. */
export type TrainingDataLocation =
  | {
      readonly format: 'identity-folder';
      readonly path: string;
      /** The folder of each identity whose images alone are taken; empty for all. */
      readonly subfolder?: string;
    }
  | {
      readonly format: 'identity-list';
      readonly path: string;
      /** What the list's files are named below; empty for its own folder. */
      readonly imageFolder?: string;
    }
  | {
      readonly format: 'insightface-records';
      /** The path of the `.rec` file; the `.idx` is beside it. */
      readonly path: string;
    }
  | {
      readonly format: 'enrolled-faces';
      /**
       * The path of a training job's snapshot; reading it takes the key that the faces are encrypted with.
       */
      readonly path: string;
    };
