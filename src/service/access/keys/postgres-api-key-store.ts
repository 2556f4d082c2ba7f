import type { ApiKeyStore, NewApiKey } from './api-key-store.js';
import type { PageQuery } from '../../platform/page.js';
import { type ApiKey, apiKeyName } from '../api-key.js';
import type { Caller, Role } from '../caller.js';
import { Failure } from '../../../core/failure.js';
import { recordAuditEvent } from '../audit/audit-events.js';
import type { Database } from '../../platform/database/database.js';

interface ApiKeyRow {
  readonly id: string;
  readonly tenant: string;
  readonly role: Role;
  readonly display_name: string;
  readonly secret_hash: Buffer;
  readonly create_time: Date;
  readonly revoke_time: Date | null;
}

const columns = 'id, tenant, role, display_name, secret_hash, create_time, revoke_time';

export class PostgresApiKeyStore implements ApiKeyStore {
  constructor(private readonly database: Database) {}

  async create(key: NewApiKey, { actor, tenant }: Caller): Promise<ApiKey> {
    return this.database.transaction(async (sql) => {
      const [row] = await sql.rows<ApiKeyRow>(
        `INSERT INTO api_keys (id, tenant, role, display_name, secret_hash) VALUES ($1, $2, $3, $4, $5)
         RETURNING ${columns}`,
        [key.id, key.tenant, key.role, key.displayName, Buffer.from(key.secretHash)],
      );
      const details = { tenant: key.tenant, role: key.role, display_name: key.displayName };
      await recordAuditEvent(sql, {
        actor,
        tenant,
        action: 'api-key.create',
        target: apiKeyName(key.id),
        details,
      });
      return toApiKey(row);
    });
  }

  async find(id: string): Promise<{ readonly key: ApiKey; readonly secretHash: Uint8Array } | undefined> {
    const [row] = await this.database.rows<ApiKeyRow>(`SELECT ${columns} FROM api_keys WHERE id = $1`, [id]);
    return row && { key: toApiKey(row), secretHash: row.secret_hash };
  }

  async list({ limit, after }: PageQuery): Promise<readonly ApiKey[]> {
    const [time = null, id = null] = after?.split(' ') ?? [];
    const rows = await this.database.rows<ApiKeyRow>(
      `SELECT ${columns} FROM api_keys
       WHERE $1::timestamptz IS NULL OR (create_time, id) > ($1::timestamptz, $2)
       ORDER BY create_time, id LIMIT $3`,
      [time, id, limit],
    );
    return rows.map(toApiKey);
  }

  async revoke(id: string, { actor, tenant }: Caller): Promise<ApiKey> {
    return this.database.transaction(async (sql) => {
      const [row] = await sql.rows<ApiKeyRow>(
        `UPDATE api_keys SET revoke_time = coalesce(revoke_time, now()) WHERE id = $1 RETURNING ${columns}`,
        [id],
      );
      if (row === undefined) {
        throw new Failure('API_KEY_NOT_FOUND', `There is no API key ${id}. List them with ListApiKeys.`, {
          id,
        });
      }
      await recordAuditEvent(sql, {
        actor,
        tenant,
        action: 'api-key.revoke',
        target: apiKeyName(id),
        details: {},
      });
      return toApiKey(row);
    });
  }
}

function toApiKey(row: ApiKeyRow | undefined): ApiKey {
  if (row === undefined) throw new Error('the database answered no row for a key that was written');
  const {
    id,
    tenant,
    role,
    display_name: displayName,
    create_time: createTime,
    revoke_time: revokeTime,
  } = row;
  return { id, tenant, role, displayName, createTime, revokeTime: revokeTime ?? undefined };
}
