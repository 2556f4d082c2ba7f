import { Failure } from '../../../core/failure.js';
import type { ModelVersion } from '../../../core/models/manifest.js';
import type { ModelKind, ModelRegistry } from '../../../storage/models/model-registry.js';
import { idKey, type Page, type PageQuery, type PageRequest, readPage } from '../../platform/page.js';

/** Lists model versions, oldest first, page by page. */
export class ListModels {
  constructor(private readonly registry: ModelRegistry) {}

  /** @throws Failure INVALID_ARGUMENT for a negative size or a token that this list did not give */
  async execute(query: PageRequest & { readonly kind: ModelKind | undefined }): Promise<Page<ModelVersion>> {
    const versions = (await this.registry.list())
      .map(({ version }) => version)
      .filter(({ manifest }) => query.kind === undefined || manifest.kind === query.kind);
    return readPage(
      `model versions ${query.kind ?? ''}`,
      query,
      (page) => Promise.resolve(pageOf(versions, page)),
      ({ id }) => id,
      idKey,
    );
  }
}

function pageOf(versions: readonly ModelVersion[], { after, limit }: PageQuery): readonly ModelVersion[] {
  const start = after === undefined ? 0 : versions.findIndex(({ id }) => id === after) + 1;
  if (after !== undefined && start === 0) {
    const description = 'names a version that is gone; begin again without one';
    throw new Failure('INVALID_ARGUMENT', `page_token ${description}.`, { field: 'page_token' }, [
      { field: 'page_token', description },
    ]);
  }
  return versions.slice(start, start + limit);
}
