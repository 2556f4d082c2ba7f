import { recordAuditEvent } from '../access/audit/audit-log.js';
import type { Requester } from '../access/caller.js';
import type { Database } from '../platform/database/database.js';
import { dataKeys } from '../platform/encryption/data-key-tables.js';
import { allDataKeys, type DataKeys, holdDataKeys, masterKeyOf } from '../platform/encryption/data-keys.js';

/** Seals the data keys by the master key that this process was started with. No face is touched. */
export class RewrapDataKeys {
  constructor(
    private readonly database: Database,
    private readonly keys: Pick<DataKeys, 'masters'>,
  ) {}

  /**
   * All keys or none; what was done is recorded in the audit log.
   * @returns how many keys another master key had sealed
   * @throws Failure ENCRYPTION_KEY_UNKNOWN, DATABASE_UNAVAILABLE
   */
  async execute({ actor, tenant }: Requester): Promise<number> {
    const { masters } = this.keys;
    const { configured } = masters;
    return this.database.transaction(async (sql) => {
      await holdDataKeys(sql);
      const others = (await allDataKeys(sql)).filter(({ masterKeyId }) => masterKeyId !== configured.id);
      for (const row of others) {
        const key = masterKeyOf(row, masters).openDataKey(row.number, row.sealed);
        const sealed = configured.sealDataKey(row.number, key);
        await sql.update(
          dataKeys,
          { number: row.number },
          { sealed: Buffer.from(sealed), masterKeyId: configured.id },
        );
      }
      if (others.length > 0) {
        const details = { keys: String(others.length) };
        const target = `masterKeys/${configured.id}`;
        await recordAuditEvent(sql, { actor, tenant, action: 'encryption.rewrap', target, details });
      }
      return others.length;
    });
  }
}
