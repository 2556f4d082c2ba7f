import { dlibTemplate } from '../../core/faces/alignment-template.js';
import type { BackboneManifest, BundleFile, DetectorManifest } from '../../core/models/manifest.js';
import { dlibPixels } from '../../core/models/presets.js';
import { blazeFaceNetwork, dlibResNetNetwork, faceMeshNetwork } from './pretrained-networks.js';

/** What {@link preparePretrainedModels} adds: where the weights came from. */
interface Provenance {
  readonly license: string;
  readonly source: string;
}

/** Display name of the backbone in npm's packages. */
export const packagedBackboneName = 'dlib-resnet';
export const backboneNetworks = [dlibResNetNetwork] as const;
export const detectorNetworks = [blazeFaceNetwork, faceMeshNetwork] as const;

/** dlib's face recognition ResNet; its threshold is what bench/accuracy/calibrate-threshold.mjs measured. */
export function backboneManifest(
  graphs: ReadonlyMap<string, BundleFile>,
  provenance: Provenance,
): BackboneManifest {
  return {
    schemaVersion: 1,
    kind: 'backbone',
    displayName: packagedBackboneName,
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

/** BlazeFace for the boxes, FaceMesh for the landmarks. */
export function detectorManifest(
  graphs: ReadonlyMap<string, BundleFile>,
  provenance: Provenance,
): DetectorManifest {
  return {
    schemaVersion: 1,
    kind: 'detector',
    family: 'blazeface-facemesh',
    displayName: 'blazeface-facemesh',
    ...provenance,
    graphs: {
      detector: graphOf(graphs, blazeFaceNetwork.fileName),
      landmarks: graphOf(graphs, faceMeshNetwork.fileName),
    },
    input: {
      width: 256,
      height: 256,
      layout: 'NCHW',
      channelOrder: 'RGB',
      mean: [127.5, 127.5, 127.5],
      scale: [127.5, 127.5, 127.5],
    },
    minimumProbability: 0.5,
    maximumOverlap: 0.3,
  };
}

function graphOf(graphs: ReadonlyMap<string, BundleFile>, fileName: string): BundleFile {
  const graph = graphs.get(fileName);
  if (graph === undefined) throw new RangeError(`${fileName} was not compiled`);
  return graph;
}
