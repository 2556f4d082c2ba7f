import { sha256Hex } from '../../src/storage/models/stored-version.js';
import { arcFacePreset } from '../../src/core/models/presets.js';
import { tinyBackbone } from './tiny-models.js';

/** A backbone of no use as registries take it. */
export const tinyGraph = tinyBackbone();
export const tinyFiles: ReadonlyMap<string, Uint8Array> = new Map([['tiny.onnx', tinyGraph]]);
export const tinyManifest = {
  ...arcFacePreset({ dimension: 4 }),
  displayName: 'tiny',
  license: 'MIT',
  source: 'made up',
  graph: { fileName: 'tiny.onnx', sha256: sha256Hex(tinyGraph) },
};
