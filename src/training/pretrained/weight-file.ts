import type { io } from '@tensorflow/tfjs';
import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';

import { findInstalledPackage, type InstalledPackage } from './installed-package.js';

/** The place of a network's weights in an npm package. */
export interface WeightLocation {
  readonly packageName: string;
  /** Path in the package of the JSON file that describes the weights. */
  readonly descriptionPath: string;
}

/** Weights as read from an installed package. */
export interface WeightFile {
  readonly origin: InstalledPackage;
  readonly description: WeightDescription;
  /** All shards in order. */
  readonly weights: Uint8Array<ArrayBuffer>;
  /** Lower-case hex SHA-256 of the description and the weights. */
  readonly sha256: string;
}

/** Names, shapes and quantisation of the weights in a group of shards, as tfjs' `WeightsManifestConfig`. */
interface WeightGroup {
  readonly paths: readonly string[];
  readonly weights: readonly object[];
}

export interface WeightDescription {
  readonly groups: readonly WeightGroup[];
}

/** @throws Error where the package or a file is missing, or the description is of another form */
export async function readWeightFile(location: WeightLocation): Promise<WeightFile> {
  const origin = await findInstalledPackage(location.packageName);
  const descriptionPath = join(origin.folder, location.descriptionPath);
  const text = await readFile(descriptionPath);
  const description = parseDescription(JSON.parse(text.toString('utf8')), location);
  const shardPaths = description.groups.flatMap(({ paths }) => paths);
  const shards = await Promise.all(shardPaths.map((path) => readFile(join(dirname(descriptionPath), path))));
  // Copied out of Node's shared buffer pool, since tfjs takes a whole ArrayBuffer.
  const weights = new Uint8Array(Buffer.concat(shards));
  const sha256 = createHash('sha256').update(text).update(weights).digest('hex');
  return { origin, description, weights, sha256 };
}

/** face-api's files are a bare list of weight groups. */
function parseDescription(value: unknown, { descriptionPath }: WeightLocation): WeightDescription {
  if (Array.isArray(value)) return { groups: value as WeightGroup[] };
  throw new Error(`${descriptionPath} is no weights manifest`);
}

/** The specifications of the arrays of all groups, as tfjs decodes them. */
export function weightSpecsOf({ description }: WeightFile): io.WeightsManifestEntry[] {
  return description.groups.flatMap(({ weights }) => weights as readonly io.WeightsManifestEntry[]);
}
