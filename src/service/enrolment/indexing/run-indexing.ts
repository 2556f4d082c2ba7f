import { setTimeout as sleep } from 'node:timers/promises';
import type { Job, Json } from '../../jobs/job.js';
import { ReportedProgress } from '../../jobs/reported-progress.js';
import type { JobContext } from '../../jobs/job-attempt.js';
import type { Database } from '../../platform/database/database.js';
import {
  addAllToIndex,
  buildIndex,
  type IndexedTemplates,
  isIndexBuilt,
  removeIndex,
  requireVectorIndex,
  wholeIndexOf,
} from '../../platform/database/vector-index.js';
import type { DataKeys } from '../../platform/encryption/data-keys.js';
import { openTemplateIfWhole } from '../faces/damaged-templates.js';
import { collections } from '../enrolment-tables.js';
import { collectionNotFound } from '../faces/lookups.js';
import { indexingInputOf, type IndexingProgress, jsonOf } from './indexing.js';
import { UnindexedTemplateStore } from './unindexed-template.store.js';

/** A PostgreSQL makes an index of many rows much faster than row by row; enrolments wait for a batch at most. */
const templatesAtATime = 200;
/** The embedded database puts each row into the index as it comes, some 10 ms long, and holds up the gateway meanwhile. */
const embeddedTemplatesAtATime = 10;

type Progress = ReportedProgress<IndexingProgress>;

/**
 * Gives a collection its index, or takes it away; one of an earlier setting is made anew. Exact search, enrolments and deletions go on: what is enrolled from the beginning on
 * is in the index by itself. It may be killed anywhere; the next attempt goes on with what is left.
 */
export class RunIndexing {
  private readonly unindexed: UnindexedTemplateStore;

  constructor(
    private readonly database: Database,
    private readonly keys: Pick<DataKeys, 'toOpen'>,
  ) {
    this.unindexed = new UnindexedTemplateStore(database);
  }

  /** @throws Failure COLLECTION_NOT_FOUND, SEARCH_UNAVAILABLE; the signal's reason */
  async execute(job: Job, { report, signal, requireHeld }: JobContext): Promise<Json> {
    const { collectionUid, collectionId, remove } = indexingInputOf(job);
    const phase = remove ? 'removing' : 'filling';
    const begun: IndexingProgress = { phase, templates: 0, finished: 0, damaged: 0 };
    const progress = new ReportedProgress(begun, (known) => {
      report(jsonOf(known));
    });
    if (remove) {
      await this.remove(collectionUid, requireHeld);
      return jsonOf(progress.known);
    }
    await requireVectorIndex(this.database);
    const [there] = await this.database.transaction(async (sql) => {
      await requireHeld(sql);
      return sql.update(collections, { uid: collectionUid }, { searchable: true });
    });
    if (there === undefined) throw collectionNotFound({ tenant: job.requester.tenant, collectionId });
    // A change of backbones may bring templates of another version meanwhile.
    const indexed = new Set<string>();
    for (;;) {
      const versions = await this.unindexed.modelVersions(collectionUid);
      const modelVersion = versions.find((version) => !indexed.has(version));
      if (modelVersion === undefined) return jsonOf(progress.known);
      await this.index({ collectionUid, modelVersion }, progress, signal);
      indexed.add(modelVersion);
    }
  }

  /** An index that was not finished, and never will be, does not keep templates unencrypted. */
  async removeLeft(job: Job): Promise<void> {
    const { collectionUid, remove, wasSearchable } = indexingInputOf(job);
    if (job.state === 'succeeded' || remove || wasSearchable) return;
    for (const modelVersion of await this.unindexed.modelVersions(collectionUid))
      if ((await wholeIndexOf(this.database, { collectionUid, modelVersion })) !== undefined) return;
    await this.remove(collectionUid);
  }

  private async remove(
    collectionUid: string,
    requireHeld: JobContext['requireHeld'] = () => Promise.resolve(),
  ): Promise<void> {
    await this.database.transaction(async (sql) => {
      await requireHeld(sql);
      await sql.update(collections, { uid: collectionUid }, { searchable: false });
      await removeIndex(sql, collectionUid);
    });
  }

  private async index(templates: IndexedTemplates, progress: Progress, signal: AbortSignal): Promise<void> {
    const isEmbedded = this.database.folder !== undefined;
    let dimension: number | undefined;
    const build = async (): Promise<void> => {
      if (dimension === undefined || (await isIndexBuilt(this.database, templates))) return;
      const all = await this.unindexed.countAll(templates);
      const onProgress = (finished: number): void => {
        progress.add({ phase: 'building', finished, templates: Math.max(all, finished) });
      };
      await buildIndex(this.database, { templates, dimension, signal, onProgress });
    };
    progress.add({ phase: 'filling', finished: 0, templates: await this.unindexed.count(templates) });
    await this.fill(templates, progress, signal, async (embedding) => {
      dimension = embedding.length;
      if (isEmbedded) await build();
    });
    // All of them may be written: by an earlier attempt, or by enrolments.
    dimension ??= await this.unindexed.indexedDimension(templates);
    await build();
  }

  /** Writes what the index has not. @param onFirst told of one embedding after the first batch */
  private async fill(
    templates: IndexedTemplates,
    progress: Progress,
    signal: AbortSignal,
    onFirst: (embedding: Float32Array) => Promise<void>,
  ): Promise<void> {
    const isEmbedded = this.database.folder !== undefined;
    const limit = isEmbedded ? embeddedTemplatesAtATime : templatesAtATime;
    let after = this.unindexed.beginning;
    let isFirst = true;
    for (;;) {
      signal.throwIfAborted();
      const startedAtMs = performance.now();
      const { batch, opened } = await this.fillBatch(templates, after, limit);
      const last = batch.at(-1);
      if (last === undefined) return;
      after = last;
      const { known } = progress;
      const finished = known.finished + batch.length;
      const damaged = known.damaged + batch.length - opened.length;
      progress.add({ finished, damaged, templates: Math.max(known.templates, finished) });
      const [first] = opened;
      if (isFirst && first !== undefined) await onFirst(first.embedding);
      isFirst &&= first === undefined;
      // Half of the time it rests, so that calls go before.
      await sleep(isEmbedded ? performance.now() - startedAtMs : 0, undefined, { signal });
    }
  }

  private async fillBatch(
    templates: IndexedTemplates,
    after: UnindexedTemplateStore['beginning'],
    limit: number,
  ) {
    return this.database.transaction(async (sql) => {
      const batch = await this.unindexed.within(sql).after(templates, after, limit);
      const box = await this.keys.toOpen(
        batch.map(({ sealed }) => sealed),
        sql,
      );
      const opened = batch.flatMap(({ faceId, sealed }) => {
        const embedding = openTemplateIfWhole(box, faceId, templates.modelVersion, sealed);
        return embedding === undefined ? [] : [{ faceId, embedding }];
      });
      if (opened.length > 0) await addAllToIndex(sql, templates, opened);
      return { batch, opened };
    });
  }
}
