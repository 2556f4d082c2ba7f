import { createHash } from 'node:crypto';

import { Failure } from '../../core/failure.js';
import { shuffle, uniformGenerator } from '../../core/random/seeded-random.js';
import { splitIdentities } from '../../learning/sampler/identity-split.js';
import { openChosenFaces } from './chosen-faces.js';
import type { TrainedOnFaces } from '../../core/models/manifest.js';
import type { ReplayLocation } from './data-loader-options.js';
import type { FaceDataset, SelectedFaceDataset } from './face-dataset.js';

/**
 * The seed of the choice among more identities, the same for every run: a larger limit adds to those of a smaller
 * one.
 */
const choiceSeed = 1;

/**
 * The faces of a second data set; none of its identities is held out.
 * @throws Failure DATASET_INVALID saying that it is the replay data, and what is wrong with it
 */
export async function openReplay({
  identities,
  identityLimit,
  ...config
}: ReplayLocation): Promise<SelectedFaceDataset> {
  try {
    const { faces } = await openChosenFaces(config, (source) => {
      const { training } = splitIdentities(source.identities, identities);
      const names = [...training].sort((a, b) => (a < b ? -1 : 1));
      const include = shuffle(names, uniformGenerator(choiceSeed)).slice(0, identityLimit);
      return { include, holdOut: [] };
    });
    return faces;
  } catch (error) {
    if (error instanceof RangeError)
      throw new RangeError(`of the replay data, ${error.message}`, { cause: error });
    if (!(error instanceof Failure)) throw error;
    const { reason, message, metadata, fieldViolations } = error;
    const described = `The replay data: ${message}`;
    throw new Failure(reason, described, metadata, fieldViolations, { cause: error });
  }
}

/**
 * The faces of both, the second one's faces and identities behind the first one's. An identity of both is two
 * classes.
 */
export function withReplay(faces: SelectedFaceDataset, replay: SelectedFaceDataset): FaceDataset {
  const [own, added] = [faces.counts, replay.counts];
  const firstClass = faces.identities.length;
  return {
    rho: joined(new Float64Array(own.faces + added.faces), faces.rho, replay.rho),
    labels: joined(
      new Int32Array(own.faces + added.faces),
      faces.labels,
      replay.labels.map((label) => firstClass + label),
    ),
    identities: [...faces.identities, ...replay.identities],
    heldOutIdentities: faces.heldOutIdentities,
    counts: {
      faces: own.faces + added.faces,
      faceless: own.faceless + added.faceless,
      unreadable: own.unreadable + added.unreadable,
      untagged: own.untagged + added.untagged,
    },
    // The number of a face is its key in the cache of crops.
    prepare: (face) =>
      face < own.faces ? faces.prepare(face) : { ...replay.prepare(face - own.faces), face },
  };
}

function joined<Numbers extends Float64Array | Int32Array>(
  all: Numbers,
  first: Numbers,
  second: Numbers,
): Numbers {
  all.set(first);
  all.set(second, first.length);
  return all;
}

/** What of one of its data sets a run trains on. */
export function trainedOnFaces(faces: SelectedFaceDataset): TrainedOnFaces {
  const digest = createHash('sha256');
  for (let face = 0; face < faces.counts.faces; face++) {
    const { name, digestStart = '' } = faces.prepare(face);
    const identity = faces.identities[faces.labels[face] ?? 0] ?? '';
    digest.update(`${JSON.stringify([identity, name, digestStart])}\n`);
  }
  const { faces: faceCount } = faces.counts;
  return { identityCount: faces.identities.length, faceCount, dataSha256: digest.digest('hex') };
}
