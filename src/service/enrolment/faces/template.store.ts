import { dataKeyOf, type SecretBox } from '../../../storage/encryption/secret-box.js';
import { sealTemplate } from '../../../storage/encryption/sealed-records.js';
import type { DataKeys } from '../../platform/encryption/data-keys.js';
import type { Sql, Transaction } from '../../platform/database/database.js';
import { addToIndex, removeFromIndex } from '../../platform/database/vector-index.js';
import { collections, faces, templates as templateTable } from '../enrolment-tables.js';
import { DamagedTemplates } from './damaged-templates.js';
import type { FaceTemplate } from './enrolment.js';
import { cropColumns, type FaceToEmbed, toFaceToEmbed } from './face-rows.js';

const placedFace = faces.only('id', 'collectionUid');
const removedTemplate = templateTable.only('faceId', 'modelVersion');
const firstId = '00000000-0000-0000-0000-000000000000';

/** Templates of all tenants' faces under one model version or another, for changes of the backbone. Durable; encrypted at rest. */
export class TemplateStore {
  constructor(
    private readonly sql: Sql,
    private readonly keys: DataKeys,
    private readonly damaged = new DamagedTemplates(() => undefined),
  ) {}

  /** The same store, as a part of a transaction. */
  within(sql: Transaction): TemplateStore {
    return new TemplateStore(sql, this.keys, this.damaged);
  }

  async countFaces(): Promise<number> {
    const [row] = await this.sql.rows<{ readonly count: number }>('SELECT count(*)::int AS count FROM faces');
    return row?.count ?? 0;
  }

  /** Faces of all tenants with a crop that have no template under this model version. */
  async countFacesWithout(modelVersion: string): Promise<number> {
    const [row] = await this.sql.rows<{ readonly count: number }>(
      `SELECT count(*)::int AS count FROM faces f
       WHERE f.sealed_crop IS NOT NULL
         AND NOT EXISTS (SELECT 1 FROM templates t WHERE t.face_id = f.id AND t.model_version = $1)`,
      [modelVersion],
    );
    return row?.count ?? 0;
  }

  /** Faces of all tenants that were enrolled by an embedding of another model version: they cannot be embedded by this one. */
  async countFacesLeft(modelVersion: string): Promise<number> {
    const [row] = await this.sql.rows<{ readonly count: number }>(
      `SELECT count(*)::int AS count FROM faces f
       WHERE f.sealed_crop IS NULL
         AND NOT EXISTS (SELECT 1 FROM templates t WHERE t.face_id = f.id AND t.model_version = $1)`,
      [modelVersion],
    );
    return row?.count ?? 0;
  }

  /** Finds faces with a crop and without a template, in the order of their ids after one of them, at most `limit`. */
  async facesWithout(
    modelVersion: string,
    afterFaceId: string | undefined,
    limit: number,
  ): Promise<readonly FaceToEmbed[]> {
    const rows = await this.sql.rowsOf(
      cropColumns,
      `SELECT ${cropColumns.sql('f')} FROM faces f
       WHERE f.id > $2::uuid AND f.sealed_crop IS NOT NULL
         AND NOT EXISTS (SELECT 1 FROM templates t WHERE t.face_id = f.id AND t.model_version = $1)
       ORDER BY f.id LIMIT $3`,
      [modelVersion, afterFaceId ?? firstId, limit],
    );
    const box = await this.keys.toOpen(
      rows.map(({ sealedCrop }) => sealedCrop),
      this.sql,
    );
    return rows.map((row) => toFaceToEmbed(box, row));
  }

  /**
   * Adds templates; of faces that are gone meanwhile, or have one, none. Their collections move on by one revision each, so
   * that copies in memory read them.
   * @returns how many were added
   */
  async add(modelVersion: string, templates: readonly FaceTemplate[]): Promise<number> {
    if (templates.length === 0) return 0;
    const embeddings = new Map(templates.map(({ faceId, embedding }) => [faceId, embedding]));
    const box = await this.keys.toSeal(this.sql);
    return this.sql.transaction(async (sql) => {
      const placed = await sql.rowsOf(
        placedFace,
        `SELECT ${placedFace.sql()} FROM faces WHERE id = ANY ($1::uuid[]) ORDER BY collection_uid`,
        [[...embeddings.keys()]],
      );
      let added = 0;
      // In one order, as deletions and enrolments hold one collection at a time: nobody waits in a circle.
      for (const collectionUid of new Set(placed.map((face) => face.collectionUid))) {
        const ids = placed.filter((face) => face.collectionUid === collectionUid).map(({ id }) => id);
        added += await this.addTo(sql, box, { collectionUid, modelVersion }, ids, embeddings);
      }
      return added;
    });
  }

  /**
   * Puts a template in the place of one that is damaged or missing; of a face that is gone meanwhile, none. The collection moves on
   * by one revision, so that copies in memory read it.
   */
  async replace(modelVersion: string, template: FaceTemplate): Promise<void> {
    await this.sql.transaction(async (sql) => {
      const removed = await sql.rowsOf(
        removedTemplate,
        `DELETE FROM templates WHERE face_id = $1 AND model_version = $2 RETURNING ${removedTemplate.sql()}`,
        [template.faceId, modelVersion],
      );
      await removeFromIndex(sql, removed);
      await this.within(sql).add(modelVersion, [template]);
    });
    this.damaged.repaired(template.faceId, modelVersion);
  }

  /**
   * Removes templates under all other versions, at most `limit`; not the only ones that a face without a crop can ever have, and
   * never those under a version that serves, or did before: who asks may be late.
   * @returns how many
   */
  async removeAllBut(modelVersions: readonly string[], limit: number): Promise<number> {
    const canBeMadeAnew = 'EXISTS (SELECT 1 FROM faces f WHERE f.id = face_id AND f.sealed_crop IS NOT NULL)';
    const isOfNobody =
      'NOT EXISTS (SELECT 1 FROM active_models a WHERE model_version IN (a.id, a.previous_id))';
    const isRemovable = `NOT model_version = ANY ($1::text[]) AND ${canBeMadeAnew} AND ${isOfNobody}`;
    return this.remove(isRemovable, modelVersions, limit);
  }

  /** Removes templates under this version, at most `limit`. @returns how many */
  async removeOf(modelVersion: string, limit: number): Promise<number> {
    return this.remove('model_version = ANY ($1::text[])', [modelVersion], limit);
  }

  private async addTo(
    sql: Sql,
    box: SecretBox,
    { collectionUid, modelVersion }: { readonly collectionUid: string; readonly modelVersion: string },
    faceIds: readonly string[],
    embeddings: ReadonlyMap<string, Float32Array>,
  ): Promise<number> {
    const next = { revision: () => 'revision + 1' };
    const [collection] = await sql.update(collections, { uid: collectionUid }, next);
    if (collection === undefined) return 0;
    let added = 0;
    for (const id of faceIds) {
      const embedding = embeddings.get(id);
      if (embedding === undefined) continue;
      const sealed = sealTemplate(box, id, modelVersion, embedding);
      // Deletions hold the collection's row as well, so a face that is there now stays until the end of this.
      const inserted = await sql.rows(
        `INSERT INTO templates (face_id, model_version, collection_uid, revision, sealed, data_key)
         SELECT id, $2, collection_uid, $3, $4, $5 FROM faces WHERE id = $1 ON CONFLICT DO NOTHING RETURNING face_id`,
        [id, modelVersion, collection.revision, sealed, dataKeyOf(sealed)],
      );
      if (inserted.length === 0) continue;
      added++;
      if (collection.searchable) await addToIndex(sql, { collectionUid, modelVersion }, id, embedding);
    }
    return added;
  }

  private async remove(condition: string, modelVersions: readonly string[], limit: number): Promise<number> {
    return this.sql.transaction(async (sql) => {
      const removed = await sql.rowsOf(
        removedTemplate,
        `DELETE FROM templates WHERE (face_id, model_version) IN (
           SELECT face_id, model_version FROM templates WHERE ${condition} LIMIT $2)
         RETURNING ${removedTemplate.sql()}`,
        [modelVersions, limit],
      );
      await removeFromIndex(sql, removed);
      return removed.length;
    });
  }
}
