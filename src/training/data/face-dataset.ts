import { createHash } from 'node:crypto';
import type { DatasetImageKind } from '../../core/protocols/benchmark-dataset.js';
import { landmarkPoints } from '../../core/faces/landmarks.js';
import { type IdentitySelection, splitIdentities } from '../../learning/sampler/identity-split.js';
import { datasetFailure } from '../../datasets/dataset-failure.js';
import type { FaceMeasures } from './face-measures.js';
import type { FaceToPrepare } from './batch-protocol.js';
import type { TrainingFaceSource } from './training-face-source.js';

const notChosen = -1;

/** What was found in the data, for reports. */
export interface TrainingFaceCounts {
  /** Faces that are trained on */
  readonly faces: number;
  /** Photographs left out because no face was found in them */
  readonly faceless: number;
  /** Images left out because they could not be read when they were tagged */
  readonly unreadable: number;
  /** Aligned crops without a tag, which are never split */
  readonly untagged: number;
}

/** Faces by index from 0, as batches are made of them. */
export interface FaceDataset {
  /** [N] frontness ρ; 0 where none is known */
  readonly rho: Float64Array;
  /** [N] class, 0 to C - 1 */
  readonly labels: Int32Array;
  /** The identities by class. */
  readonly identities: readonly string[];
  readonly heldOutIdentities: readonly string[];
  readonly counts: TrainingFaceCounts;
  /** What a thread needs to know to prepare a face. @throws RangeError where there is no such face */
  prepare(face: number): FaceToPrepare;
}

/** The faces that a run trains on: those of the chosen identities of a data set that can be aligned. */
export class SelectedFaceDataset implements FaceDataset {
  /** [N] frontness ρ; 0 where none is known */
  readonly rho: Float64Array;
  /** [N] class, 0 to C - 1 */
  readonly labels: Int32Array;

  private constructor(
    private readonly source: TrainingFaceSource,
    private readonly tags: FaceMeasures | undefined,
    private readonly imageKind: DatasetImageKind,
    /** [N] index in the source */
    private readonly sourceFaces: Uint32Array,
    /** The identities by class. */
    readonly identities: readonly string[],
    readonly heldOutIdentities: readonly string[],
    readonly counts: TrainingFaceCounts,
  ) {
    const { length } = sourceFaces;
    [this.rho, this.labels] = [new Float64Array(length), new Int32Array(length)];
    const classes = classesOf(source, identities);
    for (let face = 0; face < length; face++) {
      const sourceFace = sourceFaces[face] ?? 0;
      this.labels[face] = classes[source.identityOf(sourceFace)] ?? 0;
      if (tags !== undefined) this.rho[face] = tags.rhoOf(sourceFace);
    }
  }

  /**
   * @param tags undefined where aligned crops have none
   * @param leftOut faces of the source whose images cannot be read
   * @throws Failure DATASET_INVALID where a photograph has no tag or no face is left; RangeError where the selection names an
   *   identity that is not there
   */
  static choose(
    source: TrainingFaceSource,
    tags: FaceMeasures | undefined,
    imageKind: DatasetImageKind,
    selection: IdentitySelection,
    leftOut: ReadonlySet<number> = new Set(),
  ): SelectedFaceDataset {
    const { heldOutIdentities: holdOut } = source;
    const chosenBySource = holdOut === undefined ? {} : { holdOut };
    const { training, heldOut } = splitIdentities(source.identities, { ...chosenBySource, ...selection });
    const classes = classesOf(source, training);
    const isInUse = new Uint8Array(training.length);
    // Numbers, not objects or names: a set has millions of faces.
    const sourceFaces = new Uint32Array(source.faceCount);
    let [faces, faceless, untagged, unreadable] = [0, 0, 0, 0];
    for (let face = 0; face < source.faceCount; face++) {
      const label = classes[source.identityOf(face)] ?? notChosen;
      if (label === notChosen) continue;
      if (leftOut.has(face)) {
        unreadable++;
        continue;
      }
      const isTagged = tags?.isTagged(face) === true;
      if (imageKind === 'photograph' && tags?.hasFace(face) !== true) {
        if (!isTagged) throw untaggedPhotograph(source, face);
        faceless++;
        continue;
      }
      if (!isTagged) untagged++;
      sourceFaces[faces++] = face;
      isInUse[label] = 1;
    }
    if (faces === 0) throw datasetFailure({ file: source.format }, 'leaves no face to train on');
    // An identity without a face would be a class that is never seen, only pushed away.
    const identities = training.filter((_, label) => isInUse[label] === 1);
    const counts = { faces, faceless, unreadable, untagged };
    const chosen = sourceFaces.subarray(0, faces);
    return new SelectedFaceDataset(source, tags, imageKind, chosen, identities, heldOut, counts);
  }

  /** What a thread needs to know to prepare a face. */
  prepare(face: number): FaceToPrepare {
    const sourceFace = this.sourceFaces[face];
    if (sourceFace === undefined) throw new RangeError(`there is no face ${face}`);
    return {
      face,
      name: this.source.nameOf(sourceFace),
      location: this.source.locationOf(sourceFace),
      imageKind: this.imageKind,
      landmarks: this.tags?.landmarksOf(sourceFace),
      digestStart: this.tags?.digestStartOf(sourceFace),
    };
  }
}

/**
 * The digest of the faces in their order, as hex: of their names, and of what is known of their contents and of
 * where to align them.
 */
export function faceDatasetSha256(faces: Pick<FaceDataset, 'counts' | 'prepare'>): string {
  const digest = createHash('sha256');
  for (let face = 0; face < faces.counts.faces; face++) {
    const { name, digestStart = '', landmarks } = faces.prepare(face);
    const points = landmarks === undefined ? [] : landmarkPoints(landmarks).map(({ x, y }) => [x, y]);
    digest.update(`${JSON.stringify([name, digestStart, points])}\n`);
  }
  return digest.digest('hex');
}

/** The class of each of the source's identities by the order of those chosen; {@link notChosen} where it is not among them. */
function classesOf({ identities }: TrainingFaceSource, chosen: readonly string[]): Int32Array {
  const classOf = new Map(chosen.map((identity, label) => [identity, label]));
  return Int32Array.from(identities, (identity) => classOf.get(identity) ?? notChosen);
}

function untaggedPhotograph(source: TrainingFaceSource, face: number): Error {
  const description = 'has no tag, and photographs are aligned by theirs: run symface dataset tag';
  return datasetFailure({ file: source.nameOf(face) }, description);
}
