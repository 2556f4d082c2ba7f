import { dlibTemplate } from '../../core/faces/alignment-template.js';
import type { BackboneManifest, BundleFile } from '../../core/models/manifest.js';
import { dlibPixels } from '../../core/models/presets.js';
import { dlibResNetNetwork } from './pretrained-networks.js';

/** What {@link preparePretrainedModels} adds: where the weights came from. */
interface Provenance {
  readonly license: string;
  readonly source: string;
}

/** Of a package that is not installed with this one. */
export const backboneNetworks = [dlibResNetNetwork] as const;

/** dlib's face recognition ResNet; its threshold is what bench/accuracy/calibrate-threshold.mjs measured. */
export function backboneManifest(
  graphs: ReadonlyMap<string, BundleFile>,
  provenance: Provenance,
): BackboneManifest {
  return {
    schemaVersion: 1,
    kind: 'backbone',
    displayName: 'dlib-resnet',
    ...provenance,
    graph: graphOf(graphs, dlibResNetNetwork.fileName),
    input: {
      width: dlibTemplate.width,
      height: dlibTemplate.height,
      layout: 'NCHW',
      ...dlibPixels,
    },
    alignment: dlibTemplate,
    embedding: { dimension: 128, testTimeAugmentation: 'horizontal-flip' },
    similarityThreshold: {
      similarity: 0.9303,
      description: 'FMR 1e-3 on 975,286 impostor pairs of 500 identities (CelebA, CFP frontal)',
    },
  };
}

function graphOf(graphs: ReadonlyMap<string, BundleFile>, fileName: string): BundleFile {
  const graph = graphs.get(fileName);
  if (graph === undefined) throw new RangeError(`${fileName} was not compiled`);
  return graph;
}
