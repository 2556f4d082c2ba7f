import { createHash } from 'node:crypto';
import { mkdir, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';

import type { AlignmentTemplate } from '../../core/faces/alignment-template.js';
import type { BackboneManifest, ModelTraining } from '../../core/models/manifest.js';
import { arcFacePreset } from '../../core/models/presets.js';
import type { Weights } from '../../core/models/weights.js';
import type { Backbone } from '../../learning/backbones/backbone.js';
import { storageFailure, syncFolder, writeDurably } from '../../storage/files/durable-files.js';
import { safetensorsParts } from '../../storage/weights/safetensors.js';

const graphFile = 'backbone.onnx';

/** Names of what is exported beside the graph. */
export const exportedFiles = { weights: 'weights.safetensors', manifest: 'manifest.json' } as const;

/** What is said of weights in their manifest. */
export interface ModelOrigin {
  readonly name: string;
  readonly license: string;
  readonly source: string;
  readonly training?: ModelTraining;
}

/**
 * How the service has to use the graph of a trained backbone.
 * @param alignment that its faces were aligned to
 */
export function trainedManifest(
  backbone: Backbone,
  alignment: AlignmentTemplate,
  graph: Uint8Array,
  origin: ModelOrigin,
): BackboneManifest {
  const preset = arcFacePreset({ dimension: backbone.embeddingSize });
  const { width, height } = alignment;
  const { training } = origin;
  return {
    ...preset,
    displayName: origin.name,
    license: origin.license,
    source: origin.source,
    ...(training === undefined ? {} : { training }),
    input: { ...preset.input, width, height },
    alignment,
    graph: { fileName: graphFile, sha256: createHash('sha256').update(graph).digest('hex') },
  };
}

/**
 * Writes what `symface models import` takes, and the weights for other tools; in place of what was there.
 * @throws Failure STORAGE_FULL; the system's error
 */
export async function exportModel(
  folder: string,
  graph: Uint8Array,
  weights: Weights,
  manifest: BackboneManifest,
): Promise<void> {
  const temporary = `${folder}.writing`;
  try {
    await rm(temporary, { recursive: true, force: true });
    await mkdir(temporary, { recursive: true });
    await writeDurably(join(temporary, graphFile), graph);
    await writeDurably(
      join(temporary, exportedFiles.weights),
      safetensorsParts(weights, { source: manifest.source, license: manifest.license }),
    );
    await writeDurably(join(temporary, exportedFiles.manifest), JSON.stringify(manifest, null, 2));
    await syncFolder(temporary);
    await rm(folder, { recursive: true, force: true });
    await rename(temporary, folder);
  } catch (error) {
    await rm(temporary, { recursive: true, force: true });
    throw storageFailure(error, folder);
  }
}
