// Writes audit events into an embedded database until it is killed; prints each target once it is acknowledged.
import { randomUUID } from 'node:crypto';
import { recordAuditEvent } from '../../dist/service/access/audit/audit-log.js';
import { openDatabase } from '../../dist/service/platform/database/open-database.js';
import { tables } from '../../dist/service/tables.js';

const [dataFolder] = process.argv.slice(2);
const database = await openDatabase({ databaseUrl: undefined, dataFolder }, tables);
for (;;) {
  const target = randomUUID();
  const entry = {
    actor: 'writer',
    tenant: 't',
    action: /** @type {const} */ ('face.delete'),
    target,
    details: {},
  };
  await database.transaction(async (sql) => recordAuditEvent(sql, entry));
  process.stdout.write(`${target}\n`);
}
