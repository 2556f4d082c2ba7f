import { invalidField } from '../../core/invalid-field.js';
import { isAbsolute } from 'node:path';
import type { Requester } from '../access/caller.js';
import type { DatasetSource, RegisteredDataset } from '../../core/protocols/benchmark-dataset.js';
import { requireCollectionId } from '../platform/resource-names.js';
import type { DatasetReader } from './dataset-reader.js';
import type { BenchmarkStore } from './benchmark.store.js';
import { idKey, type Page, type PageRequest, readPage } from '../platform/page.js';

const idsAtATime = 100;

/** The data sets that benchmarks may be run on. */
export class ManageDatasets {
  constructor(
    private readonly store: Pick<BenchmarkStore, 'createDataset' | 'listDatasets'>,
    private readonly read: DatasetReader,
  ) {}

  /**
   * @returns also what was seen beside its images and is not used
   * @throws Failure INVALID_ARGUMENT, DATASET_INVALID, DATASET_ALREADY_EXISTS
   */
  async register(
    id: string,
    source: DatasetSource,
    requester: Requester,
  ): Promise<{ readonly dataset: RegisteredDataset; readonly passedOver: string | undefined }> {
    requireCollectionId(id, 'dataset_id');
    requireAbsolute(source.path, 'path');
    if (source.imageFolder !== '') requireAbsolute(source.imageFolder, 'image_folder');
    const { pairs, images, kind, passedOver } = await this.read(source);
    const [pairCount, imageCount] = [pairs.length, images.length];
    const dataset = { ...source, imageKind: kind, id, pairCount, imageCount };
    return { dataset: await this.store.createDataset(dataset, requester), passedOver };
  }

  async everyId(): Promise<readonly string[]> {
    const ids: string[] = [];
    for (;;) {
      const page = await this.store.listDatasets({ limit: idsAtATime, after: ids.at(-1) });
      ids.push(...page.map(({ id }) => id));
      if (page.length < idsAtATime) return ids;
    }
  }

  /** @throws Failure INVALID_ARGUMENT */
  async list(request: PageRequest): Promise<Page<RegisteredDataset>> {
    return readPage(
      'datasets',
      request,
      (query) => this.store.listDatasets(query),
      ({ id }) => id,
      idKey,
    );
  }
}

function requireAbsolute(path: string, field: string): void {
  if (!isAbsolute(path)) throw invalidField(field, 'must be an absolute path on the server');
}
