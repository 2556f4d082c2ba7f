import { createHash } from 'node:crypto';
import { readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';

import { Failure } from '../../core/failure.js';
import type { BackboneManifest } from '../../core/models/manifest.js';
import { parseManifest } from '../../storage/models/manifest-schema.js';
import { buildBackbone } from '../configuration/build-backbone.js';
import { trainedManifest } from './export-model.js';
import { compileServingGraph } from '../../learning/backbones/serving-graph.js';
import type { LocatedConfiguration } from '../configuration/training-configuration.js';

/** A network that embeds, as `models import` takes it. */
export interface EmbeddingModel {
  readonly graph: Uint8Array;
  readonly manifest: BackboneManifest;
}

/** The files of a model of one's own. */
export interface ModelFiles {
  /** An ONNX file, or a folder with `backbone.onnx` and `manifest.json` as training leaves it. */
  readonly model: string;
  /** JSON; where absent, `manifest.json` of the folder. */
  readonly manifest: string | undefined;
}

/** @throws Failure INVALID_ARGUMENT where a file cannot be read, MODEL_INVALID where it is no backbone's or of another graph */
export async function readEmbeddingModel({ model, manifest }: ModelFiles): Promise<EmbeddingModel> {
  const isFolder = await stat(model).then(
    (status) => status.isDirectory(),
    () => false,
  );
  if (!isFolder && manifest === undefined) {
    const advice = `Say how ${model} is used: --manifest FILE (docs/models/manifest.md), or name a folder with backbone.onnx and manifest.json`;
    throw new Failure('INVALID_ARGUMENT', advice);
  }
  const graph = await readNamed(isFolder ? join(model, 'backbone.onnx') : model);
  const manifestFile = manifest ?? join(model, 'manifest.json');
  const written = jsonOf((await readNamed(manifestFile)).toString('utf8'), manifestFile);
  const sha256 = createHash('sha256').update(graph).digest('hex');
  const file = { fileName: 'backbone.onnx', sha256 };
  const parsed = parseManifest({ ...written, graph: { ...file, ...(written['graph'] ?? {}) } });
  if (parsed.kind !== 'backbone') {
    throw new Failure('MODEL_INVALID', `${manifestFile} describes a ${parsed.kind}, not a backbone`);
  }
  if (parsed.graph.sha256 === sha256) return { graph, manifest: parsed };
  throw new Failure('MODEL_INVALID', `${manifestFile} is of another graph: its SHA-256 is ${sha256}`);
}

/**
 * The network that a configuration's training starts from, where that knows faces already.
 * @throws Failure INVALID_ARGUMENT where its weights are drawn; as {@link buildBackbone}
 */
export async function startingModel(
  located: Pick<LocatedConfiguration, 'configuration' | 'pathOf'>,
): Promise<EmbeddingModel> {
  const { backbone, alignment, weights, origin } = await buildBackbone(located);
  if (weights === undefined) {
    const message = `The configuration's network, ${origin}, starts from drawn weights, which tell nobody apart. Name a trained one: --model FILE --manifest FILE`;
    throw new Failure('INVALID_ARGUMENT', message);
  }
  const graph = compileServingGraph(backbone, weights);
  const { name, license } = located.configuration;
  return { graph, manifest: trainedManifest(backbone, alignment, graph, { name, license, source: origin }) };
}

async function readNamed(path: string): Promise<Buffer> {
  return readFile(path).catch((cause: unknown) => {
    throw new Failure('INVALID_ARGUMENT', `${path} cannot be read`, {}, [], { cause });
  });
}

function jsonOf(text: string, file: string): Readonly<Record<string, object | undefined>> {
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value === 'object' && value !== null && !Array.isArray(value))
      return value as Readonly<Record<string, object | undefined>>;
  } catch (cause) {
    throw new Failure('MODEL_INVALID', `${file} is not JSON`, {}, [], { cause });
  }
  throw new Failure('MODEL_INVALID', `${file} is no manifest`);
}
