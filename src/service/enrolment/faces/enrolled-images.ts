import { Failure } from '../../../core/failure.js';
import {
  type CollectionKey,
  collectionName,
  type SubjectKey,
  subjectName,
} from '../../platform/resource-names.js';
import type { EnrolmentCandidate } from './candidate.js';
import type { EnrolledFaceStore } from './enrolled-face.store.js';
import type { EnrolledImageFace } from './enrolment.js';

/** An image of an enrolment, and what is known of it before it is looked at. */
export interface ImageToEnrol {
  readonly encoded: Uint8Array;
  /** Keyed ({@link EnrolledFaceStore.digestOf}). */
  readonly digest: Uint8Array;
  /** What became of it already; undefined where it is to be looked at. */
  readonly settled: EnrolmentCandidate | { readonly sameAs: number } | undefined;
}

/**
 * Finds the images that are enrolled already, and those that are in the request twice.
 * @param allowDuplicates whether an image of another subject may be enrolled
 */
export async function imagesToEnrol(
  faces: Pick<EnrolledFaceStore, 'digestOf' | 'facesOfImages'>,
  subject: SubjectKey,
  images: readonly Uint8Array[],
  allowDuplicates: boolean,
): Promise<readonly ImageToEnrol[]> {
  const digests = images.map((encoded) => faces.digestOf(subject, encoded));
  const known = await faces.facesOfImages(subject, digests);
  const keys = digests.map((digest) => Buffer.from(digest).toString('hex'));
  return images.map((encoded, index): ImageToEnrol => {
    const [digest = new Uint8Array(), key = ''] = [digests[index], keys[index]];
    const first = keys.indexOf(key);
    const settled =
      first < index ? { sameAs: first } : settledBy(known.get(key) ?? [], subject, allowDuplicates);
    return { encoded, digest, settled };
  });
}

function settledBy(
  enrolled: readonly EnrolledImageFace[],
  subject: SubjectKey,
  allowDuplicates: boolean,
): EnrolmentCandidate | undefined {
  const own = enrolled.find(({ subjectId }) => subjectId === subject.subjectId);
  if (own !== undefined) return { accepted: false, enrolledFaceId: own.faceId };
  const [other] = enrolled;
  if (other === undefined || allowDuplicates) return undefined;
  return { accepted: false, error: duplicateImage(subject, other.subjectId) };
}

/**
 * What became of each image of a request, of which some were looked at.
 * @param looked what came of those that were not settled, in their order
 */
export function withSettled(
  images: readonly ImageToEnrol[],
  looked: readonly EnrolmentCandidate[],
): readonly EnrolmentCandidate[] {
  const queue = looked.values();
  const candidates: EnrolmentCandidate[] = [];
  for (const { settled } of images) {
    if (settled === undefined) {
      const { value } = queue.next();
      if (value === undefined) throw new Error('fewer images were looked at than were to be');
      candidates.push(value);
    } else candidates.push('sameAs' in settled ? repetitionOf(candidates[settled.sameAs]) : settled);
  }
  return candidates;
}

/** The same image again: enrolled by the first, or refused as that was. */
function repetitionOf(first: EnrolmentCandidate | undefined): EnrolmentCandidate {
  if (first === undefined) throw new Error('an image repeats one that is not before it');
  return first.accepted ? { accepted: false, enrolledFaceId: first.newFace.id } : first;
}

function duplicateImage(collection: CollectionKey, otherId: string): Failure {
  const other = subjectName({ ...collection, subjectId: otherId });
  return new Failure(
    'DUPLICATE_IMAGE',
    `${other} has this very image, and one photograph of one face shows one person. Delete that face where it is wrong, or set ` +
      'allow_duplicates where the photograph shows both.',
    { subject: other, collection: collectionName(collection) },
  );
}
