/**
 * LFW's View 2 of one model after the other: the faces are found once and their crops kept in memory, as detector and alignment are the same
 * for all; each model embeds them with its own graph, as the service does, mirror images included where its manifest says so.
 */
import { join } from 'node:path';
import { readFile } from 'node:fs/promises';
import { alignCrop } from '../../dist/core/faces/aligned-crop.js';
import { arcFaceTemplate } from '../../dist/core/faces/alignment-template.js';
import { kFoldAccuracy } from '../../dist/core/protocols/metrics/k-fold-accuracy.js';
import { pairedAccuracyInterval } from '../../dist/core/protocols/metrics/paired-comparison.js';
import { cosineSimilarity } from '../../dist/core/verification/similarity.js';
import { readTags } from '../../dist/datasets/tags/read-tags.js';
import { readDataset } from '../../dist/datasets/verification/verification-formats.js';
import { SharpImageDecoder } from '../../dist/inference/decode/sharp-image-decoder.js';
import { OnnxFaceEmbedder } from '../../dist/inference/embed/onnx-face-embedder.js';
import { symface } from './photographs.mjs';

const batchFaces = 32;
const bootstrap = { replicates: 1000, seed: 20_240_916 };

export class LfwAccuracy {
  preparing;

  /** @param options `{ folder: LFW's, tagFolder, threads }` */
  constructor(options) {
    this.options = options;
  }

  /**
   * @param model a RegisteredModel
   * @returns `{ accuracy, standardDeviation, similarities, decidedRightly }`
   */
  async of(model) {
    const { dataset, crops } = await this.prepared();
    const embedder = await OnnxFaceEmbedder.load(model, { intraOpThreads: this.options.threads });
    const { width, height, name } = embedder.alignment;
    if (width !== arcFaceTemplate.width || height !== arcFaceTemplate.height)
      throw new Error(`${name} is another alignment than ArcFace's: LFW is not measured`);
    const embeddings = new Map();
    const faces = [...crops];
    for (let start = 0; start < faces.length; start += batchFaces) {
      const batch = faces.slice(start, start + batchFaces);
      const found = await embedder.embed(batch.map(([, crop]) => crop));
      for (const [index, [image]] of batch.entries()) embeddings.set(image, found[index]);
    }
    await embedder.release();
    const similarities = Float64Array.from(dataset.pairs, ({ first, second }) => {
      const [a, b] = [embeddings.get(first), embeddings.get(second)];
      return a && b ? cosineSimilarity(a, b) : -1;
    });
    const genuine = dataset.pairs.map((pair) => pair.genuine);
    const { mean, standardDeviation, folds } = kFoldAccuracy({ similarities, genuine }, dataset.foldCount);
    const pairsOfFold = genuine.length / dataset.foldCount;
    const decidedRightly = genuine.map((isGenuine, pair) => {
      const { distanceThreshold } = folds[Math.floor(pair / pairsOfFold)];
      return 2 - 2 * similarities[pair] < distanceThreshold === isGenuine;
    });
    return { accuracy: mean, standardDeviation, similarities: [...similarities], decidedRightly };
  }

  /** The second's accuracy less the first's, with its 95 % interval by the bootstrap over persons. */
  async difference(first, second) {
    const { dataset } = await this.prepared();
    const persons = dataset.pairs.map((pair) => [
      dataset.images[pair.first].identity,
      dataset.images[pair.second].identity,
    ]);
    return {
      difference: second.accuracy - first.accuracy,
      interval: pairedAccuracyInterval(first.decidedRightly, second.decidedRightly, persons, bootstrap),
    };
  }

  prepared() {
    this.preparing ??= this.prepare();
    return this.preparing;
  }

  async prepare() {
    const { folder, tagFolder } = this.options;
    const [list, imageFolder] = [join(folder, 'pairs.txt'), join(folder, 'images')];
    const tags = join(tagFolder, 'lfw.jsonl');
    await symface(
      'dataset',
      'tag',
      list,
      '--format',
      'lfw',
      '--images',
      imageFolder,
      '--local',
      '--output',
      tags,
    );
    const dataset = await readDataset({
      format: 'lfw-pairs',
      path: list,
      imageFolder,
      imageKind: 'photograph',
    });
    const landmarks = new Map();
    await readTags(tags, ({ image, face }) => {
      if (face !== null) landmarks.set(image, face.landmarks);
    });
    const decoder = new SharpImageDecoder();
    const crops = new Map();
    for (const [index, { name }] of dataset.images.entries()) {
      const points = landmarks.get(name);
      if (points === undefined) continue;
      const image = await decoder.decode(await readFile(join(imageFolder, name)));
      crops.set(index, alignCrop(image, points, arcFaceTemplate));
    }
    return { dataset, crops };
  }
}
