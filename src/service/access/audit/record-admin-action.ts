import type { AuditAction } from '../audit-event.js';
import type { Caller } from '../caller.js';
import type { AuditLog } from './audit-log.js';

/** Records what an administrator did to the service's models and benchmarks; the stores record the rest themselves. */
export class RecordAdminAction {
  constructor(private readonly log: AuditLog) {}

  async execute(
    action: AuditAction & `${'model' | 'activation' | 'dataset' | 'evaluation'}.${string}`,
    target: string,
    details: Readonly<Record<string, string>>,
    { actor, tenant }: Caller,
  ): Promise<void> {
    await this.log.record({ actor, tenant, action, target, details });
  }
}
