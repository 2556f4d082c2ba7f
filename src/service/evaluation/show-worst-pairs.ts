import { createHash } from 'node:crypto';
import type { DatasetImageKind, VerificationDataset } from '../../core/protocols/benchmark-dataset.js';
import type { WorstPair, WorstPairImage } from '../../core/protocols/worst-pairs.js';
import { Failure } from '../../core/failure.js';
import type { DatasetReader } from './dataset-reader.js';
import type { BenchmarkStore } from './benchmark.store.js';
import type { CallControl, FaceAnalysis } from '../../inference/analyser/face-analysis.js';
import { datasetImageRequest } from './dataset-image-request.js';

export interface WorstPairPhotograph {
  readonly name: string;
  /** The face as it was compared, aligned, 112x112. */
  readonly alignedPng: Uint8Array;
}

export interface WorstPairPhotographs {
  readonly similarity: number;
  readonly first: WorstPairPhotograph;
  readonly second: WorstPairPhotograph;
}

/** The images where a model errs most. They are read anew: none is kept. */
export class ShowWorstPairs {
  constructor(
    private readonly store: Pick<BenchmarkStore, 'getRun' | 'getDataset'>,
    private readonly read: DatasetReader,
    private readonly analysis: FaceAnalysis,
  ) {}

  /** @throws Failure BENCHMARK_RUN_NOT_FOUND; DATASET_INVALID where the data set has changed since */
  async execute(
    id: string,
    control: CallControl,
  ): Promise<{
    readonly falseMatches: readonly WorstPairPhotographs[];
    readonly falseNonMatches: readonly WorstPairPhotographs[];
  }> {
    const { datasetId, report } = await this.store.getRun(id);
    const { worstPairs } = report;
    const dataset = await this.read(await this.store.getDataset(datasetId));
    return {
      falseMatches: await this.shown(dataset, worstPairs.falseMatches, control),
      falseNonMatches: await this.shown(dataset, worstPairs.falseNonMatches, control),
    };
  }

  private async shown(
    dataset: VerificationDataset,
    pairs: readonly WorstPair[],
    control: CallControl,
  ): Promise<readonly WorstPairPhotographs[]> {
    const shown: WorstPairPhotographs[] = [];
    for (const { similarity, first, second } of pairs) {
      const images = {
        first: await this.image(dataset, first, control),
        second: await this.image(dataset, second, control),
      };
      shown.push({ similarity, ...images });
    }
    return shown;
  }

  private async image(
    dataset: VerificationDataset,
    { index, name, sha256 }: WorstPairImage,
    control: CallControl,
  ): Promise<WorstPairPhotograph> {
    const encoded = index < dataset.images.length ? await dataset.read(index) : new Uint8Array();
    if (createHash('sha256').update(encoded).digest('hex') !== sha256) {
      const message = `${name}: has changed since the benchmark. Run the benchmark again.`;
      throw new Failure('DATASET_INVALID', message, { file: name });
    }
    return { name, alignedPng: await this.alignedFace(encoded, dataset.kind, name, control) };
  }

  /** Found again: crops are not kept. */
  private async alignedFace(
    encoded: Uint8Array,
    kind: DatasetImageKind,
    name: string,
    control: CallControl,
  ): Promise<Uint8Array> {
    const request = { ...datasetImageRequest(encoded, kind), wantEmbeddings: false, wantCrops: true };
    const { outcomes } = await this.analysis.analyse([request], control);
    const [outcome] = outcomes;
    if (outcome?.ok === false) throw outcome.error;
    const crops = outcome?.image.faces[0]?.crops;
    if (crops === undefined) throw new Failure('FACE_NOT_FOUND', `${name}: no face is found any more.`);
    return crops.alignedPng;
  }
}
