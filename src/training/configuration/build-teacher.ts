import { createHash } from 'node:crypto';
import { stat } from 'node:fs/promises';

import { Failure } from '../../core/failure.js';
import type { Backbone } from '../../learning/backbones/backbone.js';
import { readTrainableNetwork, type TrainableNetworkName } from '../pretrained/trainable-network.js';
import type { TeacherConfiguration } from './distillation-configuration.js';
import { type EmbeddingModel, readEmbeddingModel } from '../export/embedding-model.js';
import { trainedManifest } from '../export/export-model.js';
import { compileServingGraph } from '../../learning/backbones/serving-graph.js';
import type { BuiltBackbone } from './build-backbone.js';
import type { LocatedConfiguration } from './training-configuration.js';

/** A network whose embeddings another one learns. */
export interface Teacher extends EmbeddingModel {
  /** What it is or where it came from, for the manifest of what comes out. */
  readonly origin: string;
  /** The digest of all that its embeddings depend on, as hex. */
  readonly sha256: string;
}

/**
 * @param student its embeddings must be of the same size
 * @param start what it starts from, which `teacher: { start: true }` means
 * @returns undefined where the configuration names no teacher
 * @throws Failure INVALID_ARGUMENT where it is not there or of another size, MODEL_INVALID where it is no backbone
 */
export async function buildTeacher(
  { configuration, pathOf }: Pick<LocatedConfiguration, 'configuration' | 'pathOf'>,
  student: Pick<Backbone, 'name' | 'embeddingSize'>,
  start?: BuiltBackbone,
): Promise<Teacher | undefined> {
  if (configuration.distillation === undefined) return undefined;
  const { teacher: named } = configuration.distillation;
  const teacher = 'start' in named ? startingTeacher(start) : await namedTeacher(named, pathOf);
  const { dimension } = teacher.manifest.embedding;
  if (dimension === student.embeddingSize) return teacher;
  const advice =
    'design' in configuration.backbone
      ? `say backbone.embeddingSize: ${dimension}`
      : 'name a teacher whose embeddings have as many';
  const message = `distillation.teacher: its embeddings have ${dimension} numbers, and those of ${student.name} have ${student.embeddingSize}: ${advice}`;
  throw new Failure('INVALID_ARGUMENT', message);
}

/** The student's own network before its first step; a projection behind it is not trained, so not taught either. */
function startingTeacher(start: BuiltBackbone | undefined): Teacher {
  if (start?.weights === undefined) {
    const message =
      'distillation.teacher: start: true takes a network that has learnt something: say backbone.weights, onnx or pretrained';
    throw new Failure('INVALID_ARGUMENT', message);
  }
  const { backbone, weights, alignment, origin } = start;
  const graph = compileServingGraph(backbone, weights);
  const own = { name: backbone.name, license: 'unknown', source: origin };
  const manifest = trainedManifest(backbone, alignment, graph, own);
  return described({ graph, manifest }, origin, manifest.graph.sha256);
}

async function namedTeacher(
  teacher: Exclude<TeacherConfiguration, { readonly start: true }>,
  pathOf: (named: string) => string,
): Promise<Teacher> {
  if ('pretrained' in teacher) return pretrainedTeacher(teacher.pretrained);
  const folder = pathOf(teacher.model);
  const isFolder = await stat(folder).then(
    (status) => status.isDirectory(),
    () => false,
  );
  if (!isFolder) {
    const message = `distillation.teacher.model: ${teacher.model} is no folder with backbone.onnx and manifest.json`;
    throw new Failure('INVALID_ARGUMENT', message);
  }
  const model = await readEmbeddingModel({ model: folder, manifest: undefined });
  const { displayName, graph } = model.manifest;
  return described(model, `${displayName} (sha256 ${graph.sha256})`, graph.sha256);
}

async function pretrainedTeacher(name: TrainableNetworkName): Promise<Teacher> {
  const { backbone, weights, alignment, origin, sha256 } = await readTrainableNetwork(name);
  const graph = compileServingGraph(backbone, weights);
  const manifest = trainedManifest(backbone, alignment, graph, { name, license: 'unknown', source: origin });
  return described({ graph, manifest }, origin, sha256);
}

/** @param sha256 of its weights */
function described(model: EmbeddingModel, origin: string, sha256: string): Teacher {
  const { input, alignment, embedding } = model.manifest;
  const text = JSON.stringify([sha256, input, alignment, embedding]);
  return { ...model, origin, sha256: createHash('sha256').update(text).digest('hex') };
}
