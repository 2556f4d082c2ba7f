import { basename } from 'node:path';
import {
  type Landmarks,
  landmarkPoints,
  landmarksFromPoints,
  type Point,
} from '../../core/faces/landmarks.js';
import type { ImageTag } from '../../datasets/tags/image-tag.js';
import { datasetFailure } from '../../datasets/dataset-failure.js';
import { readTags } from '../../datasets/tags/read-tags.js';
import type { FaceMeasures } from './face-measures.js';
import type { TrainingFaceSource } from './training-face-source.js';

const numbersOfLandmarks = 10;
/** So much of a digest is enough to notice that an image was changed. */
const keptDigestCharacters = 12;

const states = { untagged: 0, face: 1, faceless: 2, unreadable: 3 } as const;

/** What the tags say of each face; columns, since a set has millions. */
export class FaceTags implements FaceMeasures {
  private readonly states: Uint8Array;
  private readonly rho: Float64Array;
  /** Single precision: off by less than a thousandth of a pixel, at half the memory */
  private readonly landmarks: Float32Array;
  /** The first 48 bits of each image's SHA-256 */
  private readonly digests: Float64Array;

  constructor(faceCount: number) {
    this.states = new Uint8Array(faceCount);
    this.rho = new Float64Array(faceCount);
    this.landmarks = new Float32Array(faceCount * numbersOfLandmarks);
    this.digests = new Float64Array(faceCount);
  }

  /**
   * Reads a file of tags. Those of images that are not in the source are passed over: it may be a part of what was tagged.
   * @param unreadable what is done with images that could not be read when they were tagged, as they cannot be trained on
   * @throws Failure DATASET_INVALID where the file is of another format or damaged, or names an image that is refused
   */
  static async read(
    path: string,
    source: TrainingFaceSource,
    unreadable: 'refused' | 'left-out' = 'refused',
  ): Promise<FaceTags> {
    const tags = new FaceTags(source.faceCount);
    const reasons = new Map<string, string>();
    const { format } = await readTags(path, (tag) => {
      const face = source.faceNamed(tag.image);
      if (face === undefined) return;
      tags.put(face, tag);
      if (tag.face === null && tags.isUnreadable(face)) reasons.set(tag.image, tag.reason);
      else reasons.delete(tag.image);
    });
    if (format !== source.format) {
      throw datasetFailure({ file: basename(path) }, `has the tags of a data set of the format ${format}`);
    }
    const [refused] = unreadable === 'refused' ? reasons : [];
    if (refused === undefined) return tags;
    const [file, reason] = refused;
    const others = reasons.size === 1 ? '' : `, as ${reasons.size - 1} others`;
    const advice = 'data.skipUnreadable leaves such images out';
    throw datasetFailure({ file }, `could not be read when it was tagged (${reason})${others}; ${advice}`);
  }

  isTagged(face: number): boolean {
    return this.states[face] !== states.untagged;
  }

  hasFace(face: number): boolean {
    return this.states[face] === states.face;
  }

  isUnreadable(face: number): boolean {
    return this.states[face] === states.unreadable;
  }

  /** ρ; 0 where there is no tag or no face, as the paper sets it */
  rhoOf(face: number): number {
    return this.rho[face] ?? 0;
  }

  /** The landmarks in pixels of the image; undefined where there is no tag or no face. */
  landmarksOf(face: number): Landmarks | undefined {
    if (!this.hasFace(face)) return undefined;
    const start = face * numbersOfLandmarks;
    const point = (index: number): Point => ({
      x: this.landmarks[start + 2 * index] ?? 0,
      y: this.landmarks[start + 2 * index + 1] ?? 0,
    });
    return landmarksFromPoints([point(0), point(1), point(2), point(3), point(4)]);
  }

  /** How the SHA-256 of the image begins, hex; undefined where there is no tag */
  digestStartOf(face: number): string | undefined {
    if (!this.isTagged(face)) return undefined;
    return (this.digests[face] ?? 0).toString(16).padStart(keptDigestCharacters, '0');
  }

  private put(face: number, tag: ImageTag): void {
    this.states[face] = stateOf(tag);
    this.digests[face] = Number.parseInt(tag.sha256.slice(0, keptDigestCharacters), 16);
    this.rho[face] = tag.face?.rho ?? 0;
    if (tag.face === null) return;
    for (const [index, { x, y }] of landmarkPoints(tag.face.landmarks).entries()) {
      this.landmarks[face * numbersOfLandmarks + 2 * index] = x;
      this.landmarks[face * numbersOfLandmarks + 2 * index + 1] = y;
    }
  }
}

function stateOf(tag: ImageTag): number {
  if (tag.face !== null) return states.face;
  return tag.reason === 'FACE_NOT_FOUND' ? states.faceless : states.unreadable;
}
