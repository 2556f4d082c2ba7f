import { Failure } from '../../domain/failure.js';
import type { ModelVersion } from '../../domain/model/manifest.js';
import type { ModelKind, ModelRegistry } from '../ports/model-registry.js';

export interface ModelPage {
  readonly versions: readonly ModelVersion[];
  /** Undefined on the last page. */
  readonly nextPageToken: string | undefined;
}

const defaultPageSize = 50;
const maximumPageSize = 1000;

/** Model versions, oldest first, page by page (AIP-158). */
export class ListModels {
  constructor(private readonly registry: ModelRegistry) {}

  /**
   * @param pageToken id of the last version of the page before, base64url
   * @throws Failure INVALID_ARGUMENT for a negative size or a token that this service did not give
   */
  async execute(query: {
    readonly pageSize: number;
    readonly pageToken: string;
    readonly kind: ModelKind | undefined;
  }): Promise<ModelPage> {
    if (query.pageSize < 0) throw invalid('page_size', 'must not be negative');
    const size = Math.min(query.pageSize === 0 ? defaultPageSize : query.pageSize, maximumPageSize);
    const stored = await this.registry.list();
    const versions = stored
      .map((entry) => entry.version)
      .filter((version) => query.kind === undefined || version.manifest.kind === query.kind);
    const start = startIndex(versions, query.pageToken);
    const page = versions.slice(start, start + size);
    const last = page.at(-1);
    const hasMore = start + size < versions.length;
    return {
      versions: page,
      nextPageToken: hasMore && last !== undefined ? Buffer.from(last.id).toString('base64url') : undefined,
    };
  }
}

function startIndex(versions: readonly ModelVersion[], pageToken: string): number {
  if (pageToken === '') return 0;
  const lastId = Buffer.from(pageToken, 'base64url').toString('utf8');
  const index = versions.findIndex((version) => version.id === lastId);
  if (index < 0) throw invalid('page_token', 'is not a token of this list; begin again without one');
  return index + 1;
}

function invalid(field: string, description: string): Failure {
  return new Failure('INVALID_ARGUMENT', `${field} ${description}.`, {}, [{ field, description }]);
}
