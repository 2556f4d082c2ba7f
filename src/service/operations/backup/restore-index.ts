import { openTemplateIfWhole } from '../../enrolment/faces/damaged-templates.js';
import type { Database } from '../../platform/database/database.js';
import type { DataKeys } from '../../platform/encryption/data-keys.js';
import { addAllToIndex, buildIndex, type IndexedTemplates } from '../../platform/database/vector-index.js';

const pageSize = 500;

interface TemplateRow {
  readonly faceId: string;
  readonly modelVersion: string;
  readonly collectionUid: string;
  readonly sealed: Uint8Array;
}

/**
 * Makes the index of searchable collections anew from their templates: backups have it not, since it is not encrypted.
 * @returns how many templates it has
 */
export async function restoreIndex(database: Database, keys: DataKeys): Promise<number> {
  let count = 0;
  const indexes = new Map<string, { readonly templates: IndexedTemplates; readonly dimension: number }>();
  let after: Pick<TemplateRow, 'faceId' | 'modelVersion'> | undefined;
  for (;;) {
    const page = await templatesAfter(database, after);
    after = page.at(-1);
    if (after === undefined) break;
    const values = page.map(({ sealed }) => sealed);
    await database.transaction(async (sql) => {
      const box = await keys.toOpen(values, sql);
      for (const { faceId, modelVersion, collectionUid, sealed } of page) {
        const embedding = openTemplateIfWhole(box, faceId, modelVersion, sealed);
        if (embedding === undefined) continue;
        const templates = { collectionUid, modelVersion };
        indexes.set(`${collectionUid} ${modelVersion}`, { templates, dimension: embedding.length });
        await addAllToIndex(sql, templates, [{ faceId, embedding }]);
        count++;
      }
    });
  }
  const [{ signal }, onProgress] = [new AbortController(), () => undefined];
  for (const index of indexes.values()) await buildIndex(database, { ...index, signal, onProgress });
  return count;
}

async function templatesAfter(
  database: Database,
  after: Pick<TemplateRow, 'faceId' | 'modelVersion'> | undefined,
): Promise<readonly TemplateRow[]> {
  return database.rows<TemplateRow>(
    `SELECT t.face_id AS "faceId", t.model_version AS "modelVersion", t.collection_uid AS "collectionUid", t.sealed
     FROM templates t JOIN collections c ON c.uid = t.collection_uid
     WHERE c.searchable AND ($1::uuid IS NULL OR (t.face_id, t.model_version) > ($1::uuid, $2::text))
     ORDER BY t.face_id, t.model_version LIMIT $3`,
    [after?.faceId ?? null, after?.modelVersion ?? null, pageSize],
  );
}
