import { basename, relative } from 'node:path';
import type { DatasetImageKind, VerificationDataset } from '../../../core/protocols/benchmark-dataset.js';
import { drawPairs } from '../../../core/protocols/drawn-pairs.js';
import { datasetFailure } from '../../dataset-failure.js';
import { identityFolder as identities } from '../../identities/formats/identity-folder.js';
import { identityDataset } from '../../identities/identity-formats.js';
import { passedOverText } from '../../identities/passed-over.js';
import type { VerificationFormat } from '../verification-format.js';

/** Pairs that figures are of, as many genuine as impostor ones: as many as LFW has twice. */
const mostPairs = 12_000;
const foldCount = 10;
/** The same pairs of the same folder each time. */
const seed = 1;

export const identityFolder = {
  name: identities.name,
  shortName: identities.shortName,
  takesImageFolder: false,
  read: ({ path, imageKind }) => readIdentityFolder(path, imageKind),
} as const satisfies VerificationFormat;

/**
 * A folder with one folder an identity and its images in it, at any depth: pairs are drawn from it. Thresholds are
 * calibrated on all its impostor pairs, since every identity is named.
 * @throws Failure DATASET_INVALID where it is no such folder, or has no pair of one kind
 */
export async function readIdentityFolder(
  folder: string,
  kind: DatasetImageKind,
): Promise<VerificationDataset> {
  const faces = await identities.open({ path: folder });
  const labels = Array.from({ length: faces.faceCount }, (_, face) => faces.identityOf(face));
  const pairs = drawPairs(labels, mostPairs, seed);
  if (new Set(pairs.map(({ genuine }) => genuine)).size < 2) {
    const description = `holds ${faces.faceCount} images of ${faces.identities.length} identities; it takes two identities and, of one of them, two images`;
    throw datasetFailure({ file: basename(folder) }, description);
  }
  const nameOf = (path: string): string => relative(folder, path);
  return {
    ...identityDataset(faces),
    kind,
    countsUnreadableAsFaceless: true,
    pairs,
    foldCount: Math.min(foldCount, pairs.length),
    passedOver: passedOverText(faces.passedOver, nameOf),
  };
}
