import { createHash } from 'node:crypto';
import { mkdir, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';

import { Failure } from '../../core/failure.js';
import { l2Normalise } from '../../core/verification/similarity.js';
import { centred, type TeacherTargets } from '../../learning/step/teacher-targets.js';
import { DecryptionError, type SecretBox } from '../../storage/encryption/secret-box.js';
import { OnnxFaceEmbedder } from '../../inference/embed/onnx-face-embedder.js';
import { OnnxSession } from '../../inference/runtime/onnx-session.js';
import { hasErrorCode, storageFailure, syncFolder } from '../../storage/files/durable-files.js';
import {
  type FileSeal,
  readSafetensorsFile,
  writeSafetensorsFile,
} from '../../storage/weights/safetensors-file.js';
import { openDataLoader } from '../data/open-data-loader.js';
import type { DataLoader } from '../data/data-loader.js';
import type { DataLoaderConfig } from '../data/data-loader-options.js';
import type { Teacher } from '../configuration/build-teacher.js';
import { rgbImages } from '../data/rgb-images.js';

const batchFaces = 32;
const arrayName = 'embeddings';

/** Faces that a teacher has embedded already, of all. */
export type TeacherProgress = (embedded: number, faceCount: number) => void;

/** What a teacher's embeddings of a run's faces are computed with. */
export interface TeacherDependencies {
  readonly teacher: Teacher;
  /** The data of the run: the same faces, whatever they are aligned to. */
  readonly dataConfig: DataLoaderConfig;
  readonly data: Pick<DataLoader, 'sha256' | 'faceCount'>;
  /** The folder in which embeddings are kept for a run that goes on. */
  readonly folder: string;
  /** Encrypts them, since they are as good as templates of the persons. */
  readonly box: SecretBox | undefined;
  /** The threads of an operator on the CPU; 0: as many as there are cores. */
  readonly threads: number;
  readonly onProgress: TeacherProgress | undefined;
}

/**
 * The teacher's unit embeddings of all faces, whole and neither mirrored nor augmented, aligned to its own template; those
 * of the folder where they are of the same teacher and data.
 *
 * @param centre whether their mean is subtracted
 * @returns undefined where the signal ended it early
 * @throws Failure DATASET_INVALID naming an image that cannot be used; MODEL_INVALID where the teacher embeds a face as
 *   numbers that have no direction; INVALID_ARGUMENT where centring leaves none; STORAGE_FULL
 */
export async function teacherTargets(
  parts: TeacherDependencies,
  centre: boolean,
  signal: AbortSignal,
): Promise<TeacherTargets | undefined> {
  const key = createHash('sha256').update(`${parts.teacher.sha256} ${parts.data.sha256}`).digest('hex');
  const path = join(parts.folder, `${key}.safetensors`);
  const known = await keptTargets(path, key, parts);
  const targets = known ?? (await computedTargets(parts, signal));
  if (targets === undefined) return undefined;
  if (known === undefined) await keep(targets, path, key, parts);
  return centre ? centredTargets(targets) : targets;
}

async function computedTargets(
  { teacher, dataConfig, data: { faceCount }, threads, onProgress }: TeacherDependencies,
  signal: AbortSignal,
): Promise<TeacherTargets | undefined> {
  const { graph, manifest } = teacher;
  const { alignment } = manifest;
  const { dimension } = manifest.embedding;
  const embeddings = new Float32Array(faceCount * dimension);
  // Each crop is needed once.
  const data = await openDataLoader({ ...dataConfig, alignment, splitFraction: 0, cacheBytes: 0 });
  const session = await OnnxSession.load(graph, { intraOpThreads: threads });
  const embedder = new OnnxFaceEmbedder(session, manifest);
  try {
    await embedder.checkItself(manifest);
    let embedded = 0;
    onProgress?.(embedded, faceCount);
    for await (const { images } of data.wholeFaces(batchFaces)) {
      if (signal.aborted) return undefined;
      for (const embedding of await embedder.embed(rgbImages(images, alignment)))
        embeddings.set(directionOf(embedding, teacher), dimension * embedded++);
      onProgress?.(embedded, faceCount);
    }
    return { dimension, embeddings };
  } finally {
    await embedder.release();
    await data.close();
  }
}

function directionOf(embedding: Float32Array, { origin }: Teacher): Float32Array {
  try {
    return l2Normalise(embedding);
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    const message = `distillation.teacher: ${origin} gives no embedding to learn: ${error.message}`;
    throw new Failure('MODEL_INVALID', message, {}, [], { cause: error });
  }
}

function centredTargets(targets: TeacherTargets): TeacherTargets {
  try {
    return centred(targets);
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    const message = `distillation.centre: ${error.message}. Say centre: false, or train on more faces.`;
    throw new Failure('INVALID_ARGUMENT', message, {}, [], { cause: error });
  }
}

/**
 * The targets that were kept; undefined where there are none, or they are damaged or sealed with another key.
 */
async function keptTargets(
  path: string,
  key: string,
  { teacher, data, box }: TeacherDependencies,
): Promise<TeacherTargets | undefined> {
  const { dimension } = teacher.manifest.embedding;
  try {
    const array = (await readSafetensorsFile(path, sealOf(key, box))).weights.get(arrayName);
    if (array?.values.length !== data.faceCount * dimension) return undefined;
    return { dimension, embeddings: array.values };
  } catch (error) {
    const isUnusable =
      error instanceof DecryptionError || error instanceof Failure || hasErrorCode(error, 'ENOENT', 'EIO');
    if (isUnusable) return undefined;
    throw error;
  }
}

async function keep(
  { dimension, embeddings }: TeacherTargets,
  path: string,
  key: string,
  { folder, box }: TeacherDependencies,
): Promise<void> {
  const shape = [embeddings.length / dimension, dimension];
  const weights = new Map([[arrayName, { shape, values: embeddings }]]);
  // It is whole or not there: a kill leaves the other name.
  const temporary = `${path}.writing`;
  try {
    // Of another teacher or of other data.
    await rm(folder, { recursive: true, force: true });
    await mkdir(folder, { recursive: true });
    await writeSafetensorsFile(temporary, weights, sealOf(key, box));
    await rename(temporary, path);
    await syncFolder(folder);
  } catch (error) {
    throw storageFailure(error, path);
  }
}

function sealOf(key: string, box: SecretBox | undefined): FileSeal | undefined {
  return box && { box, context: `teacher embeddings ${key}` };
}
