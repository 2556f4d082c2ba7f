import { Inject, Module, type OnModuleInit } from '@nestjs/common';
import { BackgroundJobs } from '../jobs/background-jobs.js';
import { JobTypes } from '../jobs/job-type.js';
import { JobsModule } from '../jobs/jobs.module.js';
import { Database } from '../platform/database/database.js';
import { DataKeys } from '../platform/encryption/data-keys.js';
import { LOGGER } from '../platform/process-context.js';
import { feature, provide } from '../platform/provide.js';
import { DestroyDataKeys } from './destroy-data-keys.js';
import { EncryptionController } from './encryption.controller.js';
import { EncryptionStatus } from './encryption-status.js';
import { keyRotationJobs } from './key-rotation-jobs.js';
import { RewrapDataKeys } from './rewrap-data-keys.js';
import { RotateDataKey } from './rotate-data-key.js';
import { RunKeyRotation } from './run-key-rotation.js';
import { SealedValueStore } from './sealed-value.store.js';

/** Far longer than a process goes by what it knows of the keys (DataKeys) and an enrolment takes to be written. */
const knownAfterMs = 30_000;
const lookEveryMs = 5_000;

/** The keys that faces are encrypted with: what they seal, and how they are changed. */
@Module(
  feature({
    imports: [JobsModule],
    controllers: [EncryptionController],
    providers: [
      provide(SealedValueStore, [Database], (database) => new SealedValueStore(database)),
      provide(
        EncryptionStatus,
        [Database, DataKeys, SealedValueStore],
        (database, keys, values) => new EncryptionStatus(database, keys, values),
      ),
      provide(RewrapDataKeys, [Database, DataKeys], (database, keys) => new RewrapDataKeys(database, keys)),
      provide(
        RotateDataKey,
        [Database, DataKeys, BackgroundJobs],
        (database, keys, jobs) => new RotateDataKey(database, keys, jobs),
      ),
      provide(
        RunKeyRotation,
        [DataKeys, SealedValueStore, Database, LOGGER],
        (keys, values, database, logger) =>
          new RunKeyRotation({
            keys,
            values,
            destroy: new DestroyDataKeys(database, knownAfterMs),
            onDamaged: (column, count) => {
              logger.error(
                { column, count },
                'values are damaged: no key opens them, and none is kept for them',
              );
            },
            lookEveryMs,
          }),
      ),
    ],
  }),
)
export class EncryptionModule implements OnModuleInit {
  constructor(
    @Inject(JobTypes) private readonly jobTypes: JobTypes,
    @Inject(RunKeyRotation) private readonly rotation: RunKeyRotation,
  ) {}

  onModuleInit(): void {
    this.jobTypes.register(keyRotationJobs(this.rotation));
  }
}
