import { createHash } from 'node:crypto';
import { RemoteFailure } from '../../client/remote-failure.js';
import type { ImageDataset } from '../../core/protocols/benchmark-dataset.js';
import { maximumImageBytes } from '../../contract/contract.js';
import type { MeasuredFace } from '../../core/faces/face-record.js';
import { selectFaces } from '../../core/faces/face-selection.js';
import { Failure } from '../../core/failure.js';
import type { FacelessReason, ImageTag } from '../../datasets/tags/image-tag.js';
import { CommandFailure } from '../command-failure.js';
import { withRetries } from '../retries.js';

/** What a detector found in an image. */
export interface DetectedFaces {
  readonly faces: readonly MeasuredFace[];
  readonly imageWidth: number;
  readonly imageHeight: number;
  /** The id of the detector's version. */
  readonly detectorVersion: string;
}

/** What images are tagged with. */
export interface TaggingDependencies {
  /** Finds the faces in an image. @throws RemoteFailure, or Failure `IMAGE_…` of what cannot be decoded */
  readonly detect: (content: Buffer) => Promise<DetectedFaces>;
  /** The digest (SHA-256, hex) of the image that the tag of this name was made of; undefined where it has none. */
  readonly knownDigest: (image: string) => string | undefined;
  /** Keeps a tag. */
  readonly keep: (tag: ImageTag) => Promise<void>;
  /** The detector that all tags must be made by. */
  readonly detectorVersion: string;
  /** Images at a time. */
  readonly parallel: number;
}

/**
 * Tags every image that has no tag yet, several at a time.
 * @param signal ends it after the images in hand
 * @param onImage told of each image that is done
 * @throws Failure DATASET_INVALID naming an image that cannot be read from disk; RemoteFailure where the server does not
 *   answer for long, or fails an image for a reason that is not the image's; CommandFailure where its detector changed;
 *   what `keep` throws. The images in hand are done first.
 */
export async function tagImages(
  dataset: ImageDataset,
  parts: TaggingDependencies,
  signal: AbortSignal,
  onImage: (outcome: 'tagged' | 'known') => void,
): Promise<void> {
  const queue = dataset.images.entries();
  const failing = new AbortController();
  const ending = AbortSignal.any([signal, failing.signal]);
  const work = async (): Promise<void> => {
    for (const [index, { name }] of queue) {
      if (ending.aborted) return;
      const content = Buffer.from(await dataset.read(index));
      const sha256 = createHash('sha256').update(content).digest('hex');
      const isKnown = parts.knownDigest(name) === sha256;
      if (!isKnown) await parts.keep({ image: name, sha256, ...(await look(name, content, parts, ending)) });
      onImage(isKnown ? 'known' : 'tagged');
    }
  };
  const lane = async (): Promise<void> => {
    try {
      await work();
    } catch (error) {
      // Pauses that were cut short are no failure of their own.
      if (ending.aborted && error instanceof Error && error.name === 'AbortError') return;
      failing.abort();
      throw error;
    }
  };
  const lanes = await Promise.allSettled(Array.from({ length: parts.parallel }, lane));
  const failed = lanes.find((outcome) => outcome.status === 'rejected');
  if (failed !== undefined) throw failed.reason;
}

type Finding = { readonly face: MeasuredFace } | { readonly face: null; readonly reason: FacelessReason };

/** The face that the image is about. */
async function look(
  image: string,
  content: Buffer,
  { detect, detectorVersion }: TaggingDependencies,
  signal: AbortSignal,
): Promise<Finding> {
  if (content.length > maximumImageBytes) return { face: null, reason: 'IMAGE_TOO_LARGE' };
  try {
    const answer = await withRetries(() => detect(content), passes, signal);
    requireDetector(detectorVersion, answer.detectorVersion);
    const { faces } = answer;
    if (faces.length === 0) return { face: null, reason: 'FACE_NOT_FOUND' };
    // Data sets are cut around the face that they are about.
    const [face] = selectFaces(faces, 'central', { width: answer.imageWidth, height: answer.imageHeight });
    if (face === undefined) throw new Error('no face was chosen');
    return { face };
  } catch (error) {
    if (!(error instanceof RemoteFailure) && !(error instanceof Failure)) throw error;
    const { reason } = error;
    if (isOfTheImage(reason)) return { face: null, reason };
    throw error instanceof Failure || reason === undefined ? error : error.about(image);
  }
}

/** The server is busy, restarts, or lost something on the way. */
function passes({ codeName }: RemoteFailure): boolean {
  return codeName === 'RESOURCE_EXHAUSTED' || codeName === 'UNAVAILABLE';
}

function isOfTheImage(reason: string | undefined): reason is `IMAGE_${string}` {
  return reason?.startsWith('IMAGE_') === true;
}

function requireDetector(expected: string, found: string): void {
  if (found === expected) return;
  throw new CommandFailure(
    `The server's detector was changed from ${expected} to ${found} meanwhile. Activate ${expected} again to go on, ` +
      'or tag everything anew with --restart.',
  );
}
