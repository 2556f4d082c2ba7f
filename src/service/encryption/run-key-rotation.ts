import { setTimeout as sleep } from 'node:timers/promises';
import { DecryptionError, type SecretBox } from '../../storage/encryption/secret-box.js';
import type { Job, Json } from '../jobs/job.js';
import { ReportedProgress } from '../jobs/reported-progress.js';
import type { JobContext } from '../jobs/job-attempt.js';
import type { DataKeys } from '../platform/encryption/data-keys.js';
import type { DestroyDataKeys } from './destroy-data-keys.js';
import { jsonOf, type KeyRotationProgress, rotationProgressOf } from './key-rotation.js';
import { type SealedColumn, sealedColumns } from './sealed-columns.js';
import type { SealedValue, SealedValueStore } from './sealed-value.store.js';

interface RunKeyRotationParts {
  readonly keys: Pick<DataKeys, 'toOpen' | 'toSeal'>;
  readonly values: Pick<SealedValueStore, keyof SealedValueStore>;
  readonly destroy: Pick<DestroyDataKeys, 'execute'>;
  /** Told of values that no key opens. */
  readonly onDamaged: (column: SealedColumn['name'], count: number) => void;
  /** The rest between two looks whether old keys are needed still. */
  readonly lookEveryMs: number;
}

/** Crops have some 20 KB, and the embedded database holds up the gateway while it takes them. */
const valuesAtATime = 50;

/**
 * Seals by the newest data key all that others have sealed, and destroys those. It may be killed anywhere: what is sealed stays, and
 * the next attempt goes on with the rest. Half of the time it rests, so that calls go before.
 */
export class RunKeyRotation {
  constructor(private readonly parts: RunKeyRotationParts) {}

  async execute(job: Job, { report, signal }: JobContext): Promise<Json> {
    const { keys, values, destroy, lookEveryMs } = this.parts;
    const before = rotationProgressOf(job);
    const { current } = (await keys.toSeal()).numbered;
    const [sealed, damaged] = [before?.sealed ?? 0, before?.damaged ?? 0];
    const left = await this.countLeft(current);
    const begun: KeyRotationProgress = {
      phase: 'sealing',
      values: sealed + left,
      sealed,
      damaged,
      trainings: 0,
      destroyed: [],
    };
    const progress = new ReportedProgress(begun, (known) => {
      report(jsonOf(known));
    });
    for (;;) {
      for (const column of sealedColumns) await this.seal(column, progress, signal);
      const { destroyed, trainings, isDone } = await destroy.execute();
      progress.add({ phase: 'waiting', trainings, destroyed: [...progress.known.destroyed, ...destroyed] });
      if (isDone) break;
      await sleep(lookEveryMs, undefined, { signal });
    }
    await values.reclaim();
    return jsonOf(progress.known);
  }

  private async countLeft(current: number): Promise<number> {
    let left = 0;
    for (const [number, { crops, templates, measurements }] of await this.parts.values.counts()) {
      if (number !== current) left += crops + templates + measurements;
    }
    return left;
  }

  /** Seals one column by the key that seals now, as far as nobody changes it just then. */
  private async seal(
    column: SealedColumn,
    progress: ReportedProgress<KeyRotationProgress>,
    signal: AbortSignal,
  ): Promise<void> {
    const { keys, values } = this.parts;
    let after: SealedValue | undefined;
    for (;;) {
      signal.throwIfAborted();
      const startedAtMs = performance.now();
      const sealer = await keys.toSeal();
      const batch = await values.sealedByOthers(column, sealer.numbered.current, after, valuesAtATime);
      if (batch.length === 0) return;
      const { sealed, damaged } = await this.sealBatch(column, batch, sealer);
      const { known } = progress;
      const total = Math.max(known.values, known.sealed + sealed);
      progress.add({ values: total, sealed: known.sealed + sealed, damaged: known.damaged + damaged });
      if (damaged > 0) this.parts.onDamaged(column.name, damaged);
      after = batch.at(-1);
      await sleep(performance.now() - startedAtMs, undefined, { signal });
    }
  }

  private async sealBatch(
    column: SealedColumn,
    batch: readonly SealedValue[],
    sealer: SecretBox,
  ): Promise<{ readonly sealed: number; readonly damaged: number }> {
    const { keys, values } = this.parts;
    const opener = await keys.toOpen(batch.map(({ sealed }) => sealed));
    const anew = batch.map((before) => ({ before, sealed: sealedAnew(column, before, opener, sealer) }));
    const whole = anew.filter(({ sealed }) => sealed !== undefined) as {
      before: SealedValue;
      sealed: Uint8Array;
    }[];
    // Nothing is there, or no key opens it: no key is kept for it.
    const others = batch.filter((_value, index) => anew[index]?.sealed === undefined);
    const left = others.map((before) => ({ before, sealed: before.sealed }));
    const sealed = await values.replace(column, whole, sealer.numbered.current);
    await values.replace(column, left, undefined);
    return { sealed, damaged: others.filter(({ sealed: bytes }) => bytes !== null).length };
  }
}

/** Undefined where there is nothing, or it does not open. */
function sealedAnew(
  { contextOf }: SealedColumn,
  { key, sealed }: SealedValue,
  opener: SecretBox,
  sealer: SecretBox,
): Uint8Array | undefined {
  if (sealed === null) return undefined;
  const context = contextOf(key);
  try {
    return sealer.seal(opener.open(sealed, context), context);
  } catch (error) {
    if (error instanceof DecryptionError) return undefined;
    throw error;
  }
}
