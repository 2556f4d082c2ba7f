import { MoreThan } from 'typeorm';
import { Failure } from '../../core/failure.js';
import type { RegisteredDataset } from '../../core/protocols/benchmark-dataset.js';
import type { MeasuredImage } from '../../core/protocols/measured-image.js';
import type { MeasuredModels } from '../../core/protocols/measured-models.js';
import type { PairScores } from '../../core/protocols/pair-scores.js';
import { measurementName, openTemplate, sealTemplate } from '../../storage/encryption/sealed-records.js';
import { dataKeyOf, type SecretBox } from '../../storage/encryption/secret-box.js';
import { recordAuditEvent } from '../access/audit/audit-log.js';
import type { Requester } from '../access/caller.js';
import type { Sql } from '../platform/database/database.js';
import type { DataKeys } from '../platform/encryption/data-keys.js';
import type { RowOf } from '../platform/database/table.js';
import type { PageQuery } from '../platform/page.js';
import type { BenchmarkRun } from './benchmark-run.js';
import { benchmarkRuns, datasets, measurements } from './benchmark-tables.js';
import { packPairScores, unpackPairScores } from './packed-pair-scores.js';

/** All but the outcomes, of which there are thousands. */
const runColumns = benchmarkRuns.only(
  'id',
  'datasetId',
  'modelVersion',
  'detectorVersion',
  'imageCount',
  'facelessPolicy',
  'codeVersion',
  'datasetDigest',
  'report',
  'createTime',
);
const outcomesColumn = benchmarkRuns.only('outcomes');
const measurementColumns = measurements.only(
  'imageDigest',
  'imageKind',
  'sealed',
  'embeddingNorm',
  'rho',
  'quality',
  'appearance',
);

/** The image that was measured, and what it shows. */
export interface ImageIdentity {
  /** SHA-256 of its bytes. */
  readonly digest: Uint8Array;
  readonly kind: 'photograph' | 'aligned-crop';
}

/** What was measured of an image; `faceless`: no face was found. */
export interface ImageMeasurement {
  readonly image: ImageIdentity;
  readonly measured: MeasuredImage | 'faceless';
}

/** What {@link BenchmarkStore.listRuns} goes by. */
export function runOrderKey({ createTime, id }: Pick<BenchmarkRun, 'createTime' | 'id'>): string {
  return `${createTime.toISOString()} ${id}`;
}

/** Data sets, what was measured of them and what came of benchmarks. Durable. */
export class BenchmarkStore {
  constructor(
    private readonly sql: Sql,
    private readonly keys: DataKeys,
  ) {}

  /** Keeps it and records that in the audit log, in one transaction. @throws Failure DATASET_ALREADY_EXISTS */
  async createDataset(
    dataset: Omit<RegisteredDataset, 'createTime'>,
    requester: Requester,
  ): Promise<RegisteredDataset> {
    const { id, format, path } = dataset;
    return this.sql.transaction(async (sql) => {
      const registered = await sql.createUnlessThere(datasets, dataset);
      if (registered === undefined) {
        const message = `There is a data set ${id} already. Choose another id.`;
        throw new Failure('DATASET_ALREADY_EXISTS', message, { id });
      }
      const [action, target] = ['dataset.register', `datasets/${id}`] as const;
      await recordAuditEvent(sql, { ...requester, action, target, details: { format, path } });
      return registered;
    });
  }

  /** @throws Failure DATASET_NOT_FOUND */
  async getDataset(id: string): Promise<RegisteredDataset> {
    const dataset = await this.sql.first(datasets, { where: { id } });
    if (dataset !== undefined) return dataset;
    const message = `There is no data set ${id}. Register it, or list those there are.`;
    throw new Failure('DATASET_NOT_FOUND', message, { id });
  }

  /** Lists the data sets by their ids. */
  async listDatasets({ limit, after }: PageQuery): Promise<readonly RegisteredDataset[]> {
    return this.sql.find(datasets, {
      ...(after !== undefined && { where: { id: MoreThan(after) } }),
      order: { id: 'ASC' },
      take: limit,
    });
  }

  /** Keeps what came of a job; nothing where an earlier attempt of the job has. */
  async keepRun(run: Omit<BenchmarkRun, 'createTime'>, outcomes: PairScores): Promise<void> {
    await this.sql.createUnlessThere(benchmarkRuns, { ...run, outcomes: packPairScores(outcomes) });
  }

  /** @throws Failure BENCHMARK_RUN_NOT_FOUND */
  async getRun(id: string): Promise<BenchmarkRun> {
    const [run] = await this.sql.rowsOf(
      runColumns,
      `SELECT ${runColumns.sql()} FROM benchmark_runs WHERE id = $1`,
      [id],
    );
    return run ?? throwNoRun(id);
  }

  /** Newest first; the page key is the creation time and the id. */
  async listRuns({ limit, after }: PageQuery): Promise<readonly BenchmarkRun[]> {
    const [time = null, id = null] = after?.split(' ') ?? [];
    return this.sql.rowsOf(
      runColumns,
      `SELECT ${runColumns.sql()} FROM benchmark_runs
       WHERE $1::timestamptz IS NULL OR (create_time, id) < ($1::timestamptz, $2::uuid)
       ORDER BY create_time DESC, id DESC LIMIT $3`,
      [time, id, limit],
    );
  }

  /** What each pair of a run came to. @throws Failure BENCHMARK_RUN_NOT_FOUND */
  async outcomesOf(id: string): Promise<PairScores> {
    const [row] = await this.sql.rowsOf(
      outcomesColumn,
      `SELECT ${outcomesColumn.sql()} FROM benchmark_runs WHERE id = $1`,
      [id],
    );
    return row === undefined ? throwNoRun(id) : unpackPairScores(Buffer.from(row.outcomes));
  }

  /** One an image. Undefined: never measured with these models; `faceless`: no face was found. */
  async findMeasurements(
    images: readonly ImageIdentity[],
    { modelVersion, detectorVersion }: MeasuredModels,
  ): Promise<readonly (MeasuredImage | 'faceless' | undefined)[]> {
    const rows = await this.sql.rowsOf(
      measurementColumns,
      `SELECT ${measurementColumns.sql()} FROM measurements
       WHERE image_digest = ANY ($1::bytea[]) AND model_version = $2 AND detector_version = $3`,
      [images.map(({ digest }) => Buffer.from(digest)), modelVersion, detectorVersion],
    );
    const found = new Map(
      rows.map((row) => [imageKey({ digest: row.imageDigest, kind: row.imageKind }), row]),
    );
    const box = await this.keys.toOpen(rows.map(({ sealed }) => sealed));
    return images.map((image) => {
      const row = found.get(imageKey(image));
      return row && toMeasurement(box, image, modelVersion, row);
    });
  }

  async keepMeasurements(
    measured: readonly ImageMeasurement[],
    { modelVersion, detectorVersion }: MeasuredModels,
  ): Promise<void> {
    // One statement cannot write a row twice, and a data set may hold an image twice.
    const distinct = new Map(measured.map((measurement) => [imageKey(measurement.image), measurement]));
    if (distinct.size === 0) return;
    const box = await this.keys.toSeal();
    const rows = [...distinct.values()].map(({ image: { digest, kind }, measured: found }) => {
      const face = found === 'faceless' ? undefined : found;
      const sealed =
        face && Buffer.from(sealTemplate(box, measurementName(digest), modelVersion, face.embedding));
      const { embeddingNorm = 0, rho = null, quality = null, appearance } = face ?? {};
      // The driver would take an array for one of PostgreSQL's.
      const appearanceJson = appearance === undefined ? null : JSON.stringify(appearance);
      const dataKey = sealed === undefined ? null : dataKeyOf(sealed);
      return [
        Buffer.from(digest),
        kind,
        sealed ?? null,
        dataKey,
        embeddingNorm,
        rho,
        quality,
        appearanceJson,
      ];
    });
    await this.sql.rows(
      `INSERT INTO measurements
         (model_version, detector_version, image_digest, image_kind, sealed, data_key, embedding_norm, rho, quality, appearance)
       VALUES ${rows.map((row, index) => valuesAfter(2 + index * row.length, row.length)).join(', ')}
       ON CONFLICT DO NOTHING`,
      [modelVersion, detectorVersion, ...rows.flat()],
    );
  }
}

function toMeasurement(
  box: SecretBox,
  { digest }: ImageIdentity,
  modelVersion: string,
  row: RowOf<typeof measurementColumns>,
): MeasuredImage | 'faceless' {
  if (row.sealed === undefined || row.quality === undefined) return 'faceless';
  const { faceSizePixels, sharpness, absoluteYawDegrees } = row.quality;
  return {
    embedding: openTemplate(box, measurementName(digest), modelVersion, row.sealed),
    embeddingNorm: row.embeddingNorm,
    rho: row.rho,
    // JSON leaves out what is undefined.
    quality: { faceSizePixels, sharpness, absoluteYawDegrees },
    appearance: row.appearance,
  };
}

/** One row of VALUES: the models, and as many parameters after those that were used. */
function valuesAfter(used: number, count: number): string {
  const own = Array.from({ length: count }, (_, index) => `$${used + index + 1}`);
  return `($1, $2, ${own.join(', ')})`;
}

function imageKey({ digest, kind }: ImageIdentity): string {
  return `${kind} ${Buffer.from(digest).toString('hex')}`;
}

function throwNoRun(id: string): never {
  const message = `There is no benchmark run ${id}: its job has not succeeded, or there never was one. List those there are.`;
  throw new Failure('BENCHMARK_RUN_NOT_FOUND', message, { id });
}
