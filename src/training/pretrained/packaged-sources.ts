import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';

import { defaultBackboneName } from './default-backbone.js';
import { defaultDetectorName } from './default-detector.js';
import type { PretrainedNetwork } from './pretrained-networks.js';
import { readShippedBackbone, type ShippedBackbone } from './shipped-backbone.js';
import { readShippedDetector } from './shipped-detector.js';
import type { WeightFile } from './weight-file.js';

/**
 * Where the weights of the models that come with SymFace are from, as their manifests say it. Equal text means an equal
 * model, so it is the key of what was prepared before. Nothing here loads tfjs or the ONNX Runtime.
 */

/** Raise it whenever the network or what the compiler makes of it changes: it is then compiled anew. */
const shippedDefinitionVersion = 1;

/** The source of a model whose weights lie under models/ in this package. */
export function shippedSource(
  name: string,
  {
    source,
    weightsSha256,
    calibrationSha256,
  }: Pick<ShippedBackbone, 'source' | 'weightsSha256'> & Partial<Pick<ShippedBackbone, 'calibrationSha256'>>,
): string {
  const digest = weightsSha256.slice(0, 16);
  const calibrated = calibrationSha256 === undefined ? '' : `, calibration ${calibrationSha256.slice(0, 8)}`;
  return `${source}; models/${name}, SHA-256 ${digest}, definition ${shippedDefinitionVersion}${calibrated}`;
}

/** The source of a network whose weights are in an npm package. */
export function npmSource(
  { weights: { descriptionPath }, definitionVersion }: PretrainedNetwork,
  file: WeightFile,
): string {
  const { name, version } = file.origin;
  const digest = file.sha256.slice(0, 16);
  return `npm ${name}@${version} ${descriptionPath}, SHA-256 ${digest}, definition ${definitionVersion}`;
}

/** The source of a model of several networks. */
export function joinedSource(sources: readonly string[]): string {
  return sources.join('; ');
}

/**
 * The source of a model in 8 bits.
 * @param source of the model in 32 bits
 * @param ranges the text that says what its activations are on faces
 */
export function eightBitSource(source: string, ranges: string): string {
  const digest = createHash('sha256').update(ranges).digest('hex').slice(0, 8);
  return `${source}; 8-bit, ranges ${digest}`;
}

/** The folder of a model that has files in this package. */
export function modelFolder(name: string): URL {
  return new URL(`../../../models/${name}/`, import.meta.url);
}

/**
 * The text that says what a backbone's activations are on faces (scripts/measure-activation-ranges.mjs).
 * @throws Error where the file is missing
 */
export async function readActivationRanges(backboneName: string): Promise<string> {
  return readFile(new URL('activation-ranges.json', modelFolder(backboneName)), 'utf8');
}

/** The sources of all models that come with SymFace, in 32 and in 8 bits. */
export async function packagedSources(): Promise<ReadonlySet<string>> {
  const shipped = shippedSource(
    defaultBackboneName,
    await readShippedBackbone(modelFolder(defaultBackboneName)),
  );
  return new Set([
    shipped,
    eightBitSource(shipped, await readActivationRanges(defaultBackboneName)),
    shippedSource(defaultDetectorName, await readShippedDetector(modelFolder(defaultDetectorName))),
  ]);
}
