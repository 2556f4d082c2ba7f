import { invalidField } from '../../../core/invalid-field.js';
import type { ModelKind, ModelRegistry, RegisteredModel } from '../../../storage/models/model-registry.js';
import { idKey, type Page, type PageQuery, type PageRequest, readPage } from '../../platform/page.js';

/** Lists model versions, oldest first, page by page. */
export class ListModels {
  constructor(private readonly registry: ModelRegistry) {}

  /** @throws Failure INVALID_ARGUMENT for a negative size or a token that this list did not give */
  async execute(query: PageRequest & { readonly kind: ModelKind | undefined }): Promise<Page<RegisteredModel>> {
    const versions = (await this.registry.list()).filter(
      ({ version }) => query.kind === undefined || version.manifest.kind === query.kind,
    );
    return readPage(
      `model versions ${query.kind ?? ''}`,
      query,
      (page) => Promise.resolve(pageOf(versions, page)),
      ({ version }) => version.id,
      idKey,
    );
  }
}

function pageOf(
  versions: readonly RegisteredModel[],
  { after, limit }: PageQuery,
): readonly RegisteredModel[] {
  const start = after === undefined ? 0 : versions.findIndex(({ version }) => version.id === after) + 1;
  if (after !== undefined && start === 0) {
    throw invalidField('page_token', 'names a version that is gone; begin again without one');
  }
  return versions.slice(start, start + limit);
}
