import { In } from 'typeorm';
import type { PageQuery } from '../../platform/page.js';
import { type ApiKey, apiKeyName } from '../api-key.js';
import type { KeyLimits } from '../key-limits.js';
import type { Requester, Role } from '../caller.js';
import { Failure } from '../../../core/failure.js';
import { bytes, integer, moment, type RowOf, table, text, time } from '../../platform/database/table.js';
import { recordAuditEvent } from '../audit/audit-log.js';
import type { Database } from '../../platform/database/database.js';

export const apiKeys = table('api_keys', {
  id: text().primary(),
  tenant: text(),
  role: text<Role>(),
  displayName: text(),
  secretHash: bytes(),
  createTime: time(),
  revokeTime: moment().optional(),
  requestsPerSecond: integer().default(0),
  imagesPerDay: integer().default(0),
});
const withoutSecret = apiKeys.only(
  'id',
  'tenant',
  'role',
  'displayName',
  'createTime',
  'revokeTime',
  'requestsPerSecond',
  'imagesPerDay',
);

export interface NewApiKey extends KeyLimits {
  readonly id: string;
  readonly tenant: string;
  readonly role: ApiKey['role'];
  readonly displayName: string;
  /** SHA-256 of the secret: it has 256 random bits, so that no slow hash is needed. */
  readonly secretHash: Uint8Array;
}

/** A key, and what its secret is known by. */
export interface StoredKey {
  readonly key: ApiKey;
  readonly secretHash: Uint8Array;
}

/** What {@link ApiKeyStore.list} goes by. */
export function apiKeyOrderKey({ createTime, id }: Pick<ApiKey, 'createTime' | 'id'>): string {
  return `${createTime.toISOString()} ${id}`;
}

/** API keys. Durable; creation and revocation are recorded in the audit log. */
export class ApiKeyStore {
  constructor(private readonly database: Database) {}

  async create(newKey: NewApiKey, { actor, tenant }: Requester): Promise<ApiKey> {
    return this.database.transaction(async (sql) => {
      const { key } = keyAndHash(await sql.create(apiKeys, newKey));
      const details = {
        tenant: key.tenant,
        role: key.role,
        display_name: key.displayName,
        ...limitDetails(key),
      };
      const target = apiKeyName(key.id);
      await recordAuditEvent(sql, { actor, tenant, action: 'api-key.create', target, details });
      return key;
    });
  }

  /** Those of the keys that there are, by id. */
  async findAll(ids: readonly string[]): Promise<ReadonlyMap<string, StoredKey>> {
    const rows = await this.database.find(apiKeys, { where: { id: In([...ids]) } });
    return new Map(rows.map((row) => [row.id, keyAndHash(row)]));
  }

  /** Oldest first; the page key is the creation time and the id. */
  async list({ limit, after }: PageQuery): Promise<readonly ApiKey[]> {
    const [time = null, id = null] = after?.split(' ') ?? [];
    return this.database.rowsOf(
      withoutSecret,
      `SELECT ${withoutSecret.sql()} FROM api_keys
       WHERE $1::timestamptz IS NULL OR (create_time, id) > ($1::timestamptz, $2)
       ORDER BY create_time, id LIMIT $3`,
      [time, id, limit],
    );
  }

  /** Changes the limits that are given. @throws Failure API_KEY_NOT_FOUND */
  async limit(id: string, limits: Partial<KeyLimits>, { actor, tenant }: Requester): Promise<ApiKey> {
    return this.database.transaction(async (sql) => {
      const [key] = await sql.rowsOf(
        withoutSecret,
        `UPDATE api_keys SET requests_per_second = coalesce($2, requests_per_second),
           images_per_day = coalesce($3, images_per_day) WHERE id = $1
         RETURNING ${withoutSecret.sql()}`,
        [id, limits.requestsPerSecond ?? null, limits.imagesPerDay ?? null],
      );
      if (key === undefined) throw notFound(id);
      const target = apiKeyName(id);
      await recordAuditEvent(sql, {
        actor,
        tenant,
        action: 'api-key.update',
        target,
        details: limitDetails(key),
      });
      return key;
    });
  }

  /** Revoking twice changes nothing. @throws Failure API_KEY_NOT_FOUND */
  async revoke(id: string, { actor, tenant }: Requester): Promise<ApiKey> {
    return this.database.transaction(async (sql) => {
      const [key] = await sql.rowsOf(
        withoutSecret,
        `UPDATE api_keys SET revoke_time = coalesce(revoke_time, now()) WHERE id = $1
         RETURNING ${withoutSecret.sql()}`,
        [id],
      );
      if (key === undefined) throw notFound(id);
      const target = apiKeyName(id);
      await recordAuditEvent(sql, { actor, tenant, action: 'api-key.revoke', target, details: {} });
      return key;
    });
  }
}

function keyAndHash({ secretHash, ...key }: RowOf<typeof apiKeys>) {
  return { key, secretHash };
}

function limitDetails({ requestsPerSecond, imagesPerDay }: KeyLimits): Record<string, string> {
  return { requests_per_second: String(requestsPerSecond), images_per_day: String(imagesPerDay) };
}

function notFound(id: string): Failure {
  return new Failure('API_KEY_NOT_FOUND', `There is no API key ${id}. List them with ListApiKeys.`, { id });
}
