import { readFile } from 'node:fs/promises';

import { compileToOnnx } from '../../compiler/index.js';
import {
  type AlignmentTemplate,
  arcFaceTemplate,
  isSameAlignment,
} from '../../core/faces/alignment-template.js';
import { Failure } from '../../core/failure.js';
import type { RgbImage } from '../../core/images/rgb-image.js';
import type { BackboneManifest } from '../../core/models/manifest.js';
import { arcFacePreset } from '../../core/models/presets.js';
import { cropLookLength, cropLooks } from '../../learning/gating/crop-look.js';
import { readSafetensors } from '../../storage/weights/safetensors.js';
import { embedImages } from '../evaluation/measure-evaluation-set.js';
import type * as tf from '@tensorflow/tfjs';

const shipped = new URL('../../../models/face-looks/looks.safetensors', import.meta.url);

/** Whether the looks that come with SymFace are of crops that are aligned so. */
export function hasKnownLooks(alignment: AlignmentTemplate): boolean {
  return isSameAlignment(alignment, arcFaceTemplate);
}

/**
 * How faces of photographs look that are as most are (docs/models/face-looks.md): [N] of [cropLookLength].
 * @throws Failure MODEL_INVALID where the file is not that of this version
 */
export async function loadFaceLooks(file = shipped): Promise<readonly Float32Array[]> {
  try {
    const looks = readSafetensors(await readFile(file)).get('looks');
    const [count = 0, length] = looks?.shape ?? [];
    if (looks === undefined || length !== cropLookLength) throw new Error(`it has ${length} numbers a face`);
    return Array.from({ length: count }, (_, row) => looks.values.slice(row * length, (row + 1) * length));
  } catch (cause) {
    const message =
      'models/face-looks is not what came with SymFace. Get it anew: "git checkout -- models" in a clone, or install this version of SymFace again.';
    throw new Failure('MODEL_INVALID', message, {}, [], { cause });
  }
}

/** How aligned crops of 112x112 look, by the graph that a gate has: [n] of [cropLookLength]. */
export async function looksOf(
  images: readonly RgbImage[],
  threads: number,
): Promise<readonly Float32Array[]> {
  const { width, height } = arcFaceTemplate;
  const graph = compileToOnnx({
    name: 'looks',
    inputs: [{ name: 'image', shape: [null, height, width, 3], dtype: 'float32', layout: 'NCHW' }],
    outputs: ['embedding'],
    run: (crops) => [cropLooks(crops as tf.Tensor4D)],
  });
  const preset = arcFacePreset({ dimension: cropLookLength, testTimeAugmentation: 'none' });
  return embedImages(graph, preset as BackboneManifest, images, threads);
}
