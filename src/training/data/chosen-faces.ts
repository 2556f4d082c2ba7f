import { SharpImageDecoder } from '../../inference/decode/sharp-image-decoder.js';
import { Failure } from '../../core/failure.js';
import type { IdentitySelection } from '../../learning/sampler/identity-split.js';
import type { OpenedFaces } from './data-loader-options.js';
import { SelectedFaceDataset } from './face-dataset.js';
import type { FaceMeasures } from './face-measures.js';
import { FaceReader } from './face-reader.js';
import { faceTagsOf } from './face-tags-of.js';
import { openFaceSource } from './open-face-source.js';
import type { TrainingFaceSource } from './training-face-source.js';

/** Images in hand at a time; libuv decodes four. */
const readsAtATime = 8;

/**
 * The faces of some identities of a data set.
 * @param select is told of the source, and chooses
 * @throws Failure DATASET_INVALID naming what is wrong with the data; RangeError where the selection names an identity that
 *   is not there
 */
export async function openChosenFaces(
  config: OpenedFaces,
  select: (source: TrainingFaceSource) => IdentitySelection,
): Promise<{ readonly source: TrainingFaceSource; readonly faces: SelectedFaceDataset }> {
  const source = await openFaceSource(config.location);
  const tags = await faceTagsOf(config, source);
  const unreadable =
    config.skipUnreadable === true
      ? await unreadableFaces(source, tags, config.encryptionKey)
      : new Set<number>();
  return {
    source,
    faces: SelectedFaceDataset.choose(source, tags, config.imageKind, select(source), unreadable),
  };
}

/** The faces whose images cannot be read: by their tags, and of those that have none by decoding each once. */
async function unreadableFaces(
  source: TrainingFaceSource,
  tags: FaceMeasures | undefined,
  encryptionKey: Uint8Array | undefined,
): Promise<ReadonlySet<number>> {
  const unreadable = new Set<number>();
  const reader = new FaceReader(encryptionKey);
  const decoder = new SharpImageDecoder();
  const faces = Array.from({ length: source.faceCount }, (_, face) => face).values();
  const lane = async (): Promise<void> => {
    for (const face of faces) {
      const isTagged = tags?.isTagged(face) === true;
      if (isTagged ? tags.isUnreadable(face) : !(await canBeDecoded(source, face, reader, decoder)))
        unreadable.add(face);
    }
  };
  await Promise.all(Array.from({ length: readsAtATime }, lane));
  await reader.close();
  return unreadable;
}

async function canBeDecoded(
  source: TrainingFaceSource,
  face: number,
  reader: FaceReader,
  decoder: SharpImageDecoder,
): Promise<boolean> {
  try {
    const encoded = await reader.read({ name: source.nameOf(face), location: source.locationOf(face) });
    await decoder.decode(encoded);
    return true;
  } catch (error) {
    if (error instanceof Failure) return false;
    throw error;
  }
}
