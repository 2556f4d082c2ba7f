import { Inject, Module, type OnApplicationShutdown } from '@nestjs/common';
import { ClosingSteps } from '../platform/closing-steps.js';
import { Database } from '../platform/database/database.js';
import { feature, provide } from '../platform/provide.js';
import { AdminController } from './admin.controller.js';
import { AuditLog } from './audit/audit-log.js';
import { ListAuditEvents } from './audit/list-audit-events.js';
import { Authenticate } from './keys/authenticate.js';
import { ManageApiKeys } from './keys/manage-api-keys.js';
import { ApiKeyStore } from './keys/api-key.store.js';
import { CallLimits } from './limits/call-limits.js';
import { ImageQuotas } from './limits/image-quotas.js';
import { KeyUsageStore } from './limits/key-usage.store.js';
import { RequestRates } from './limits/request-rates.js';

/** Who may call, and who did what: API keys and the audit log. */
@Module(
  feature({
    controllers: [AdminController],
    providers: [
      provide(ApiKeyStore, [Database], (database) => new ApiKeyStore(database)),
      provide(Authenticate, [ApiKeyStore], (keys) => new Authenticate(keys)),
      provide(
        ManageApiKeys,
        [ApiKeyStore, Authenticate],
        (keys, authenticate) => new ManageApiKeys(keys, authenticate),
      ),
      provide(KeyUsageStore, [Database], (database) => new KeyUsageStore(database)),
      provide(ImageQuotas, [KeyUsageStore], (usage) => new ImageQuotas(usage)),
      provide(CallLimits, [ImageQuotas], (quotas) => new CallLimits(new RequestRates(), quotas)),
      provide(AuditLog, [Database], (database) => new AuditLog(database)),
      provide(ListAuditEvents, [AuditLog], (log) => new ListAuditEvents(log)),
    ],
  }),
)
export class AccessModule implements OnApplicationShutdown {
  constructor(
    @Inject(ImageQuotas) private readonly quotas: ImageQuotas,
    @Inject(ClosingSteps) private readonly closing: ClosingSteps,
  ) {}

  /** Calls that were accepted have been answered by now, and the database is closed last. */
  async onApplicationShutdown(): Promise<void> {
    await this.closing.run('counts of images a day', async () => this.quotas.close());
  }
}
