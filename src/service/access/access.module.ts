import { Module } from '@nestjs/common';
import { Database } from '../platform/database/database.js';
import { feature, provide } from '../platform/provide.js';
import { AdminController } from './admin.controller.js';
import { PostgresAuditLog } from './audit/audit-events.js';
import { ListAuditEvents } from './audit/list-audit-events.js';
import { Authenticate } from './keys/authenticate.js';
import { ManageApiKeys } from './keys/manage-api-keys.js';
import { PostgresApiKeyStore } from './keys/postgres-api-key-store.js';

/** Who may call, and who did what: API keys and the audit log. */
@Module(
  feature({
    controllers: [AdminController],
    providers: [
      provide(PostgresApiKeyStore, [Database], (database) => new PostgresApiKeyStore(database)),
      provide(Authenticate, [PostgresApiKeyStore], (keys) => new Authenticate(keys)),
      provide(ManageApiKeys, [PostgresApiKeyStore], (keys) => new ManageApiKeys(keys)),
      provide(PostgresAuditLog, [Database], (database) => new PostgresAuditLog(database)),
      provide(ListAuditEvents, [PostgresAuditLog], (log) => new ListAuditEvents(log)),
    ],
  }),
)
export class AccessModule {}
