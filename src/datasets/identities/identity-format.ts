import type { DatasetImageKind } from '../../core/protocols/benchmark-dataset.js';
import type { PassedOver } from './passed-over.js';
import type { ImageLocation } from './image-location.js';

/** The place of a data set; paths are absolute. */
export interface IdentityPlace {
  readonly path: string;
  /** The folder of each identity whose images alone are meant, where not all of them are. */
  readonly subfolder?: string;
  /** The folder of the images, where they are not beside the list that names them. */
  readonly imageFolder?: string;
}

/** Images of identities as they lie on disk, by index from 0, since a set has millions. */
export interface IdentityFaces {
  readonly faceCount: number;
  /** [C] The names of the identities. */
  readonly identities: readonly string[];
  /** The index of the identity that a face shows. */
  identityOf(face: number): number;
  /** The image's name in messages and in files of tags. */
  nameOf(face: number): string;
  /** The face whose image has that name; undefined where there is none. */
  faceNamed(name: string): number | undefined;
  locationOf(face: number): ImageLocation;
  /** What was seen beside the images and is not used; absent where a list or a file says what there is. */
  readonly passedOver?: readonly PassedOver[];
  /** What else whoever uses them should know, as sentences without their full stop. */
  readonly remarks?: readonly string[];
}

/** A layout of images whose identities are known: every file of `formats/` exports one, under the file's name in camel case. */
export interface IdentityFormat {
  /** What training configurations and files of tags call it. */
  readonly name: string;
  /** What `--format` calls it. */
  readonly shortName: string;
  /** The settings of a place, besides its path, that it looks at. */
  readonly takes: readonly Exclude<keyof IdentityPlace, 'path'>[];
  /** The kind of its images, where the format itself says that. */
  readonly imageKind?: DatasetImageKind;
  /** The files that belong to the one at its path; absent where there are none. */
  readonly filesBeside?: (path: string) => readonly string[];
  /** @throws Failure DATASET_INVALID naming what is wrong */
  readonly open: (place: IdentityPlace) => Promise<IdentityFaces>;
}
