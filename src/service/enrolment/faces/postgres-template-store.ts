import type { FaceTemplate } from './enrolled-face-store.js';
import type { FaceToEmbed, TemplateStore } from './template-store.js';
import type { SecretBox } from '../../../storage/encryption/secret-box.js';
import type { Database } from '../../platform/database/database.js';
import { countFacesWithout, insertTemplates, selectFacesWithout } from './face-templates.js';
import { removeFromIndex } from '../../platform/database/vector-index.js';

/** Templates in Postgres, for changes of the backbone. */
export class PostgresTemplateStore implements TemplateStore {
  constructor(
    private readonly database: Database,
    private readonly box: SecretBox,
  ) {}

  async countFaces(): Promise<number> {
    const [row] = await this.database.rows<{ readonly count: number }>(
      'SELECT count(*)::int AS count FROM faces',
    );
    return row?.count ?? 0;
  }

  async countFacesWithout(modelVersion: string): Promise<number> {
    return countFacesWithout(this.database, modelVersion);
  }

  async facesWithout(
    modelVersion: string,
    afterFaceId: string | undefined,
    limit: number,
  ): Promise<readonly FaceToEmbed[]> {
    return selectFacesWithout(this.database, this.box, modelVersion, afterFaceId, limit);
  }

  async add(modelVersion: string, templates: readonly FaceTemplate[]): Promise<number> {
    return this.database.transaction((sql) => insertTemplates(sql, this.box, modelVersion, templates));
  }

  async removeAllBut(modelVersions: readonly string[], limit: number): Promise<number> {
    return this.remove('NOT model_version = ANY ($1::text[])', modelVersions, limit);
  }

  async removeOf(modelVersion: string, limit: number): Promise<number> {
    return this.remove('model_version = ANY ($1::text[])', [modelVersion], limit);
  }

  private async remove(condition: string, modelVersions: readonly string[], limit: number): Promise<number> {
    return this.database.transaction(async (sql) => {
      const removed = await sql.rows<{ face_id: string; model_version: string }>(
        `DELETE FROM templates WHERE (face_id, model_version) IN (
           SELECT face_id, model_version FROM templates WHERE ${condition} LIMIT $2)
         RETURNING face_id, model_version`,
        [modelVersions, limit],
      );
      await removeFromIndex(sql, removed);
      return removed.length;
    });
  }
}
