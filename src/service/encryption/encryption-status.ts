import type { Database } from '../platform/database/database.js';
import { allDataKeys, type DataKeys } from '../platform/encryption/data-keys.js';
import { digestKeyNumber } from '../platform/encryption/data-key-tables.js';
import { type SealedCounts, type SealedValueStore, trainingCounts } from './sealed-value.store.js';

/** A data key, and what it seals. */
export interface DataKeyStatus extends SealedCounts {
  readonly number: number;
  readonly masterKeyId: string;
  readonly createTime: Date;
  readonly retireTime: Date | undefined;
  readonly trainings: number;
}

const none: SealedCounts = { crops: 0, templates: 0, measurements: 0 };

/** Says which keys there are, and what each seals. */
export class EncryptionStatus {
  constructor(
    private readonly database: Database,
    private readonly keys: Pick<DataKeys, 'masters'>,
    private readonly values: Pick<SealedValueStore, 'counts'>,
  ) {}

  get masterKeyId(): string {
    return this.keys.masters.configured.id;
  }

  get previousMasterKeyId(): string | undefined {
    return this.keys.masters.previous?.id;
  }

  /** Oldest first. @throws Failure DATABASE_UNAVAILABLE */
  async dataKeys(): Promise<readonly DataKeyStatus[]> {
    const rows = (await allDataKeys(this.database)).filter(({ number }) => number !== digestKeyNumber);
    const counts = await this.values.counts();
    const trainings = await trainingCounts(this.database);
    return rows.map(({ number, masterKeyId, createTime, retireTime }) => ({
      ...{ number, masterKeyId, createTime, retireTime },
      ...(counts.get(number) ?? none),
      trainings: trainings.get(number) ?? 0,
    }));
  }
}
