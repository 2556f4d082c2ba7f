import { createHash } from 'node:crypto';
import type { VerificationDataset } from '../../domain/benchmark/benchmark-dataset.js';
import type { WorstPair, WorstPairImage } from '../../domain/benchmark/worst-pairs.js';
import { Failure } from '../../domain/failure.js';
import type { DatasetReader } from '../ports/dataset-reader.js';
import type { EvaluationStore } from '../ports/evaluation-store.js';
import type { MakeThumbnail } from '../ports/image-thumbnails.js';
import { requireReport } from './ended-evaluation.js';

export interface ShownImage {
  readonly name: string;
  /** JPEG. */
  readonly thumbnail: Uint8Array;
}

export interface ShownPair {
  readonly similarity: number;
  readonly first: ShownImage;
  readonly second: ShownImage;
}

/** The images where a model errs most. They are read anew: none is kept. */
export class ShowWorstPairs {
  constructor(
    private readonly store: Pick<EvaluationStore, 'get' | 'getDataset'>,
    private readonly read: DatasetReader,
    private readonly makeThumbnail: MakeThumbnail,
  ) {}

  /** @throws Failure EVALUATION_NOT_FOUND, EVALUATION_NOT_SUCCEEDED; DATASET_INVALID where the data set has changed since */
  async execute(id: string): Promise<{
    readonly falseMatches: readonly ShownPair[];
    readonly falseNonMatches: readonly ShownPair[];
  }> {
    const evaluation = await this.store.get(id);
    const { worstPairs } = requireReport(evaluation);
    const dataset = await this.read(await this.store.getDataset(evaluation.datasetId));
    return {
      falseMatches: await this.shown(dataset, worstPairs.falseMatches),
      falseNonMatches: await this.shown(dataset, worstPairs.falseNonMatches),
    };
  }

  private async shown(
    dataset: VerificationDataset,
    pairs: readonly WorstPair[],
  ): Promise<readonly ShownPair[]> {
    const shown: ShownPair[] = [];
    for (const { similarity, first, second } of pairs) {
      const images = { first: await this.image(dataset, first), second: await this.image(dataset, second) };
      shown.push({ similarity, ...images });
    }
    return shown;
  }

  private async image(
    dataset: VerificationDataset,
    { index, name, sha256 }: WorstPairImage,
  ): Promise<ShownImage> {
    const encoded = index < dataset.images.length ? await dataset.read(index) : new Uint8Array();
    if (createHash('sha256').update(encoded).digest('hex') !== sha256) {
      const message = `${name}: has changed since the benchmark. Run the benchmark again.`;
      throw new Failure('DATASET_INVALID', message, { file: name });
    }
    return { name, thumbnail: await this.makeThumbnail(encoded) };
  }
}
