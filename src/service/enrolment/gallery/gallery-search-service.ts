import type { GallerySearch } from './gallery-search.js';
import type { Database } from '../../platform/database/database.js';
import type { DataKeys } from '../../platform/encryption/data-keys.js';
import type { DamagedTemplates } from '../faces/damaged-templates.js';
import { PostgresGallerySource } from './postgres-gallery-source.js';
import { PgvectorSearch } from './pgvector-search.js';
import { ExactGallerySearch } from './exact-gallery-search.js';
import { GalleryWorker } from './gallery-worker.js';

/** How many templates are read in one go, which takes about 10 ms of an embedded database. */
const templatesPerRead = 500;
const idleMs = 10 * 60_000;
const sweepIntervalMs = 60_000;

/** What is told of the search to operators. */
interface GalleryLogger {
  info(details: object, message: string): void;
  error(details: { readonly err: Error }, message: string): void;
}

/** The search over a database, with its threads. */
export class GallerySearchService {
  readonly search: GallerySearch;
  private readonly worker: GalleryWorker;
  private readonly sweeping: NodeJS.Timeout;

  constructor(
    database: Database,
    keys: DataKeys,
    maximumBytes: number,
    logger: GalleryLogger,
    damaged: DamagedTemplates,
  ) {
    this.worker = new GalleryWorker(keys, (err) => {
      logger.error({ err }, 'a gallery thread ended; all templates are read again');
      exact.forget();
    });
    const limits = { maximumBytes, templatesPerRead, idleMs };
    const exact = new ExactGallerySearch(new PostgresGallerySource(database), this.worker, limits, {
      onDamaged: (faceId, modelVersion) => {
        damaged.found(faceId, modelVersion);
      },
      onReading: (progress) => {
        logger.info(progress, 'reading a collection for exact search');
      },
    });
    const approximate = new PgvectorSearch(database);
    this.search = {
      search: (query, signal) => (query.method === 'exact' ? exact : approximate).search(query, signal),
    };
    this.sweeping = setInterval(() => {
      exact.sweep().catch((error: unknown) => {
        logger.error({ err: error instanceof Error ? error : new Error(String(error)) }, 'the sweep failed');
      });
    }, sweepIntervalMs).unref();
  }

  async close(): Promise<void> {
    clearInterval(this.sweeping);
    await this.worker.close();
  }
}
