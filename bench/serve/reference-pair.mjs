import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { arcFacePreset } from '../../dist/core/models/presets.js';
import { ModelFiles } from '../../dist/storage/models/model-files.js';
import { detectorOfFile } from '../detectors/models.mjs';

const detectorFile = 'retinaface_mobilenet0.25_640.onnx';
const backboneFile = 'mobilefacenet_128_dynamic.onnx';

/**
 * RetinaFace and the reference MobileFaceNet as somebody would import them, in a data folder of their own.
 * @returns `{ backbone, detector }`; undefined where the folder of models has them not, which is said
 */
export async function referencePair(modelFolder, dataFolder) {
  const [detectorPath, backbonePath] = [join(modelFolder, detectorFile), join(modelFolder, backboneFile)];
  if (!existsSync(detectorPath) || !existsSync(backbonePath)) {
    process.stderr.write(`left out: ${modelFolder} has not ${detectorFile} and ${backboneFile}\n`);
    return undefined;
  }
  const graph = await readFile(backbonePath);
  const fileName = 'backbone.onnx';
  const manifest = {
    ...arcFacePreset({ dimension: 128 }),
    displayName: 'reference-mobilefacenet',
    license: 'for this comparison only',
    source: backboneFile,
    graph: { fileName, sha256: createHash('sha256').update(graph).digest('hex') },
  };
  const { stored } = await new ModelFiles(dataFolder).register(manifest, new Map([[fileName, graph]]));
  return { backbone: stored, detector: await detectorOfFile(`retinaface:${detectorPath}`, dataFolder) };
}
