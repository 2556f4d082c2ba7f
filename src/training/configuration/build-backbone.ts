import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { basename } from 'node:path';

import { Failure } from '../../core/failure.js';
import { type AlignmentTemplate, arcFaceColumns } from '../../core/faces/alignment-template.js';
import { arcFacePreset } from '../../core/models/presets.js';
import type { Weights } from '../../core/models/weights.js';
import { type Backbone, createBackbone } from '../../learning/backbones/backbone.js';
import { backboneArchitecture } from '../../learning/backbones/catalogue.js';
import { importBackbone } from '../../learning/imported-backbone/import-backbone.js';
import { noParts, type ServedParts, takenApart } from '../../learning/gating/served-parts.js';
import { requireWeightsOf } from '../../learning/weights/backbone-variables.js';
import { readTrainableNetwork } from '../pretrained/trainable-network.js';
import { readSafetensors } from '../../storage/weights/safetensors.js';
import { adoptedWeights } from './adopted-weights.js';
import type { ArchitectureConfiguration, OnnxBackboneConfiguration } from './backbone-configuration.js';
import { graphImageInput } from '../../learning/imported-backbone/graph-image-input.js';
import type { LocatedConfiguration } from './training-configuration.js';

/** The network that a run trains. */
export interface BuiltBackbone {
  readonly backbone: Backbone;
  /** What it starts from; undefined where weights are drawn. */
  readonly weights: Weights | undefined;
  /** The template that its faces are aligned to. */
  readonly alignment: AlignmentTemplate;
  /** What its file has besides it, which is not trained. */
  readonly parts: ServedParts;
  /** What it is or where it came from, for the manifest of what comes out. */
  readonly origin: string;
  /** SHA-256 of the ONNX file or of npm's weights, hex, where the network is one or of those. */
  readonly graphSha256: string | undefined;
}

/**
 * The network, and weights to start from where the configuration names some.
 * @throws Failure INVALID_ARGUMENT where a file cannot be read, MODEL_INVALID where weights are not the network's or an
 *   ONNX graph cannot be trained, naming what is in the way
 */
export async function buildBackbone({
  configuration: { backbone },
  pathOf,
}: Pick<LocatedConfiguration, 'configuration' | 'pathOf'>): Promise<BuiltBackbone> {
  if ('onnx' in backbone) return importedBackbone(backbone, pathOf);
  if ('pretrained' in backbone) {
    const { sha256, ...network } = await readTrainableNetwork(backbone.pretrained);
    return { ...network, parts: noParts, graphSha256: sha256 };
  }
  return designedBackbone(backbone, pathOf);
}

async function designedBackbone(
  { design, embeddingSize, input, weights }: ArchitectureConfiguration,
  pathOf: (named: string) => string,
): Promise<BuiltBackbone> {
  const [height, width] = input === '112x112' ? [112, 112] : [112, 96];
  const backbone = createBackbone(backboneArchitecture(design), {
    inputSize: { height, width },
    ...(embeddingSize === undefined ? {} : { embeddingSize }),
  });
  const alignment = arcFaceColumns(width);
  const described = { backbone, alignment, parts: noParts, origin: design, graphSha256: undefined };
  if (weights === undefined) return { ...described, weights: undefined };
  if (typeof weights === 'object') {
    const file = await readNamed('backbone.weights.onnx', weights.onnx, pathOf);
    const graphSha256 = createHash('sha256').update(file).digest('hex');
    const origin = `${design} from ${basename(weights.onnx)} (sha256 ${graphSha256})`;
    const adopted = await adoptedWeights(file, backbone, weights.channelOrder);
    return { ...described, weights: adopted, origin, graphSha256 };
  }
  const read = readSafetensors(await readNamed('backbone.weights', weights, pathOf));
  // Arrays of another network would be passed over, and the run begin from nothing.
  requireWeightsOf(backbone, read);
  return { ...described, weights: read };
}

/** The graph says how large images and embeddings are; where it leaves the images open they are ArcFace's 112x112. */
async function importedBackbone(
  { onnx, preprocessing }: OnnxBackboneConfiguration,
  pathOf: (named: string) => string,
): Promise<BuiltBackbone> {
  const file = await readNamed('backbone.onnx', onnx, pathOf);
  const graphSha256 = createHash('sha256').update(file).digest('hex');
  const { graph, parts } = takenApart(file);
  const found = graphImageInput(graph, { height: 112, width: 112 });
  // The length of an embedding does not matter to how pixels are prepared.
  const { input: usual } = arcFacePreset({ dimension: 1 });
  const { layout = found.layout, channelOrder = usual.channelOrder } = preprocessing;
  const { mean = usual.mean, scale = usual.scale } = preprocessing;
  const origin = `${basename(onnx)} (sha256 ${graphSha256})`;
  const { backbone, weights } = importBackbone(graph, {
    name: basename(onnx).replace(/\.onnx$/iu, ''),
    source: origin,
    input: { ...found, layout, channelOrder, mean, scale },
  });
  const alignment = preprocessing.alignment ?? usualAlignment(onnx, backbone);
  requireSize(alignment, onnx, backbone);
  return { backbone, alignment, weights, parts, origin, graphSha256 };
}

function usualAlignment(file: string, { inputSize: { height, width } }: Backbone): AlignmentTemplate {
  if (height === 112 && (width === 112 || width === 96)) return arcFaceColumns(width);
  const message = `backbone.preprocessing.alignment: ${file} takes ${width}x${height} pixels (width x height): say which template its faces are aligned to, "dlib-150" or points of your own (docs/models/manifest.md)`;
  throw new Failure('INVALID_ARGUMENT', message);
}

function requireSize(template: AlignmentTemplate, file: string, { inputSize }: Backbone): void {
  const { height, width } = inputSize;
  if (template.width === width && template.height === height) return;
  const message = `backbone.preprocessing.alignment: ${template.name} makes crops of ${template.width}x${template.height} pixels, and ${file} takes ${width}x${height} (width x height)`;
  throw new Failure('INVALID_ARGUMENT', message);
}

async function readNamed(
  setting: string,
  named: string,
  pathOf: (named: string) => string,
): Promise<Uint8Array> {
  return readFile(pathOf(named)).catch((cause: unknown) => {
    const isTooLarge = cause instanceof Error && 'code' in cause && cause.code === 'ERR_FS_FILE_TOO_LARGE';
    const reason = isTooLarge ? ': it has more than 2 GiB' : '';
    throw new Failure('INVALID_ARGUMENT', `${setting}: ${named} cannot be read${reason}`, {}, [], { cause });
  });
}
