import type {
  EvaluationClaim,
  EvaluationStore,
  ImageIdentity,
  ImageMeasurement,
} from './evaluation-store.js';
import type { PageQuery } from '../platform/page.js';
import type { DatasetImageKind, RegisteredDataset } from '../../core/protocols/benchmark-dataset.js';
import type { EvaluatedModels, Evaluation, EvaluationEnd } from './evaluation.js';
import type { FacelessPolicy } from '../../core/protocols/faceless-policy.js';
import type { MeasuredImage, SlicedQuality } from '../../core/protocols/measured-image.js';
import type { PairOutcomes } from '../../core/protocols/pair-outcomes.js';
import { Failure } from '../../core/failure.js';
import { openTemplate, sealTemplate } from '../../storage/encryption/sealed-records.js';
import type { SecretBox } from '../../storage/encryption/secret-box.js';
import type { Sql } from '../platform/database/database.js';
import { packOutcomes, unpackOutcomes } from './packed-outcomes.js';

interface DatasetRow {
  readonly id: string;
  readonly format: string;
  readonly path: string;
  readonly image_folder: string;
  readonly image_kind: DatasetImageKind;
  readonly pair_count: number;
  readonly image_count: number;
  readonly create_time: Date;
}

interface EvaluationRow {
  readonly id: string;
  readonly dataset_id: string;
  readonly model_version: string;
  readonly detector_version: string;
  readonly image_count: number;
  readonly finished_image_count: number;
  readonly faceless_policy: FacelessPolicy;
  readonly code_version: string;
  readonly ended: EvaluationEnd | null;
  readonly create_time: Date;
  readonly end_time: Date | null;
}

interface MeasurementRow {
  readonly image_digest: Buffer;
  readonly image_kind: DatasetImageKind;
  readonly sealed: Buffer | null;
  readonly embedding_norm: number;
  readonly rho: number | null;
  readonly quality: SlicedQuality | null;
}

const datasetColumns = 'id, format, path, image_folder, image_kind, pair_count, image_count, create_time';
const evaluationColumns =
  'id, dataset_id, model_version, detector_version, image_count, finished_image_count, faceless_policy, ' +
  'code_version, ended, create_time, end_time';

/** Benchmarks in Postgres. Embeddings of their images are sealed as enrolled ones are. */
export class PostgresEvaluationStore implements EvaluationStore {
  constructor(
    private readonly sql: Sql,
    private readonly box: SecretBox,
  ) {}

  async createDataset(dataset: Omit<RegisteredDataset, 'createTime'>): Promise<RegisteredDataset> {
    const { id, format, path, imageFolder, imageKind, pairCount, imageCount } = dataset;
    const [row] = await this.sql.rows<DatasetRow>(
      `INSERT INTO datasets (id, format, path, image_folder, image_kind, pair_count, image_count)
       VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT DO NOTHING RETURNING ${datasetColumns}`,
      [id, format, path, imageFolder, imageKind, pairCount, imageCount],
    );
    if (row !== undefined) return toDataset(row);
    throw new Failure('DATASET_ALREADY_EXISTS', `There is a data set ${id} already. Choose another id.`, {
      id,
    });
  }

  async getDataset(id: string): Promise<RegisteredDataset> {
    const [row] = await this.sql.rows<DatasetRow>(`SELECT ${datasetColumns} FROM datasets WHERE id = $1`, [
      id,
    ]);
    if (row !== undefined) return toDataset(row);
    throw new Failure(
      'DATASET_NOT_FOUND',
      `There is no data set ${id}. Register it, or list those there are.`,
      {
        id,
      },
    );
  }

  async listDatasets({ limit, after }: PageQuery): Promise<readonly RegisteredDataset[]> {
    const rows = await this.sql.rows<DatasetRow>(
      `SELECT ${datasetColumns} FROM datasets WHERE $1::text IS NULL OR id > $1 ORDER BY id LIMIT $2`,
      [after ?? null, limit],
    );
    return rows.map(toDataset);
  }

  async create(evaluation: Parameters<EvaluationStore['create']>[0]): Promise<Evaluation> {
    const { id, datasetId, modelVersion, detectorVersion, imageCount, facelessPolicy, codeVersion } =
      evaluation;
    await this.sql.rows(
      `INSERT INTO evaluations
         (id, dataset_id, model_version, detector_version, image_count, faceless_policy, code_version)
       VALUES ($1, $2, $3, $4, $5, $6, $7)`,
      [id, datasetId, modelVersion, detectorVersion, imageCount, facelessPolicy, codeVersion],
    );
    return this.get(id);
  }

  async get(id: string): Promise<Evaluation> {
    const [row] = await this.sql.rows<EvaluationRow>(
      `SELECT ${evaluationColumns} FROM evaluations WHERE id = $1`,
      [id],
    );
    if (row !== undefined) return toEvaluation(row);
    throw new Failure('EVALUATION_NOT_FOUND', `There is no evaluation ${id}. List those there are.`, { id });
  }

  async list({ limit, after }: PageQuery): Promise<readonly Evaluation[]> {
    const [time = null, id = null] = after?.split(' ') ?? [];
    const rows = await this.sql.rows<EvaluationRow>(
      `SELECT ${evaluationColumns} FROM evaluations
       WHERE $1::timestamptz IS NULL OR (create_time, id) < ($1::timestamptz, $2::uuid)
       ORDER BY create_time DESC, id DESC LIMIT $3`,
      [time, id, limit],
    );
    return rows.map(toEvaluation);
  }

  async unclaimed(): Promise<readonly Evaluation[]> {
    const rows = await this.sql.rows<EvaluationRow>(
      `SELECT ${evaluationColumns} FROM evaluations
       WHERE ended IS NULL AND (claim_end_time IS NULL OR claim_end_time < now()) ORDER BY create_time, id`,
    );
    return rows.map(toEvaluation);
  }

  async claim({ id, claimant, leaseMs }: EvaluationClaim, finishedImageCount: number): Promise<boolean> {
    // The database's clock alone counts: those of the replicas may differ.
    const rows = await this.sql.rows(
      `UPDATE evaluations SET claimant = $2, claim_end_time = now() + $3 * interval '1 millisecond',
         finished_image_count = $4
       WHERE id = $1 AND ended IS NULL
         AND (claimant IS NULL OR claimant = $2 OR claim_end_time IS NULL OR claim_end_time < now())
       RETURNING id`,
      [id, claimant, leaseMs, finishedImageCount],
    );
    return rows.length > 0;
  }

  async release({ id, claimant }: EvaluationClaim): Promise<void> {
    await this.sql.rows(
      'UPDATE evaluations SET claimant = NULL, claim_end_time = NULL WHERE id = $1 AND claimant = $2',
      [id, claimant],
    );
  }

  async finish(id: string, end: EvaluationEnd, outcomes?: PairOutcomes): Promise<void> {
    await this.sql.rows(
      'UPDATE evaluations SET ended = $2, outcomes = $3, end_time = now() WHERE id = $1 AND ended IS NULL',
      [id, end, outcomes === undefined ? null : packOutcomes(outcomes)],
    );
  }

  async outcomesOf(id: string): Promise<PairOutcomes | undefined> {
    const [row] = await this.sql.rows<{ readonly outcomes: Buffer | null }>(
      'SELECT outcomes FROM evaluations WHERE id = $1',
      [id],
    );
    return row?.outcomes ? unpackOutcomes(Buffer.from(row.outcomes)) : undefined;
  }

  async findMeasurements(
    images: readonly ImageIdentity[],
    { modelVersion, detectorVersion }: EvaluatedModels,
  ): Promise<readonly (MeasuredImage | 'faceless' | undefined)[]> {
    const rows = await this.sql.rows<MeasurementRow>(
      `SELECT image_digest, image_kind, sealed, embedding_norm, rho, quality FROM measurements
       WHERE image_digest = ANY ($1::bytea[]) AND model_version = $2 AND detector_version = $3`,
      [images.map(({ digest }) => Buffer.from(digest)), modelVersion, detectorVersion],
    );
    const found = new Map(
      rows.map((row) => [imageKey({ digest: row.image_digest, kind: row.image_kind }), row]),
    );
    return images.map((image) => {
      const row = found.get(imageKey(image));
      return row && this.toMeasurement(image, modelVersion, row);
    });
  }

  async keepMeasurements(
    measurements: readonly ImageMeasurement[],
    { modelVersion, detectorVersion }: EvaluatedModels,
  ): Promise<void> {
    // One statement cannot write a row twice, and a data set may hold an image twice.
    const distinct = new Map(measurements.map((measurement) => [imageKey(measurement.image), measurement]));
    if (distinct.size === 0) return;
    const rows = [...distinct.values()].map(({ image: { digest, kind }, measured }) => {
      const face = measured === 'faceless' ? undefined : measured;
      const sealed =
        face && Buffer.from(sealTemplate(this.box, measurementName(digest), modelVersion, face.embedding));
      const { embeddingNorm = 0, rho = null, quality = null } = face ?? {};
      return [Buffer.from(digest), kind, sealed ?? null, embeddingNorm, rho, quality];
    });
    await this.sql.rows(
      `INSERT INTO measurements
         (model_version, detector_version, image_digest, image_kind, sealed, embedding_norm, rho, quality)
       VALUES ${rows.map((row, index) => valuesAfter(2 + index * row.length, row.length)).join(', ')}
       ON CONFLICT ON CONSTRAINT pk_measurements DO UPDATE SET quality = excluded.quality`,
      [modelVersion, detectorVersion, ...rows.flat()],
    );
  }

  private toMeasurement(
    { digest }: ImageIdentity,
    modelVersion: string,
    row: MeasurementRow,
  ): MeasuredImage | 'faceless' | undefined {
    if (row.sealed === null) return 'faceless';
    // Kept before quality was: measured anew.
    if (row.quality === null) return undefined;
    const { faceSizePixels, sharpness, absoluteYawDegrees } = row.quality;
    return {
      embedding: openTemplate(this.box, measurementName(digest), modelVersion, row.sealed),
      embeddingNorm: row.embedding_norm,
      rho: row.rho ?? undefined,
      // JSON leaves out what is undefined.
      quality: { faceSizePixels, sharpness, absoluteYawDegrees },
    };
  }
}

/** One row of VALUES: the models, and as many parameters after those that were used. */
function valuesAfter(used: number, count: number): string {
  const own = Array.from({ length: count }, (_, index) => `$${used + index + 1}`);
  return `($1, $2, ${own.join(', ')})`;
}

function imageKey({ digest, kind }: ImageIdentity): string {
  return `${kind} ${Buffer.from(digest).toString('hex')}`;
}

/** What a measurement is sealed for. */
function measurementName(digest: Uint8Array): string {
  return `measurement ${Buffer.from(digest).toString('hex')}`;
}

function toDataset(row: DatasetRow): RegisteredDataset {
  return {
    id: row.id,
    format: row.format,
    path: row.path,
    imageFolder: row.image_folder,
    imageKind: row.image_kind,
    pairCount: row.pair_count,
    imageCount: row.image_count,
    createTime: row.create_time,
  };
}

function toEvaluation(row: EvaluationRow): Evaluation {
  return {
    id: row.id,
    datasetId: row.dataset_id,
    modelVersion: row.model_version,
    detectorVersion: row.detector_version,
    imageCount: row.image_count,
    finishedImageCount: row.ended?.state === 'succeeded' ? row.image_count : row.finished_image_count,
    facelessPolicy: row.faceless_policy,
    codeVersion: row.code_version,
    createTime: row.create_time,
    endTime: row.end_time ?? undefined,
    end: row.ended ?? undefined,
  };
}
