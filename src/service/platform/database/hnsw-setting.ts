import type { Sql } from './database.js';

/** How an HNSW index is made, and how it is to be searched. */
export interface HnswSetting {
  /** At the end of an index's name, by which its setting is known. */
  readonly nameSuffix: string;
  /** What the index keeps of an embedding: float32, or float16, which is half as large and finds the same. */
  readonly type: 'vector' | 'halfvec';
  /** `m`, the neighbours of a node (twice as many on the ground layer), and `ef_construction`: the nodes looked at for them. */
  readonly storageParameters: string;
  /** Rows that a search looks at, at the least (`hnsw.ef_search`). Figures: docs/results/enrolment.md. */
  readonly minimumEffort: number;
}

/** What indexes are made by now, where pgvector has `halfvec` (0.7). */
const halves: HnswSetting = {
  nameSuffix: '_halves',
  type: 'halfvec',
  storageParameters: 'WITH (m = 24, ef_construction = 48)',
  minimumEffort: 200,
};

/** What they were made by before, and still are where pgvector is older. */
const floats: HnswSetting = {
  nameSuffix: '',
  type: 'vector',
  storageParameters: '',
  minimumEffort: 300,
};

/** All that an index may be of, the better ones first. */
export const hnswSettings: readonly HnswSetting[] = [halves, floats];

/** The setting of indexes that are made now. */
export async function newestSetting(sql: Sql): Promise<HnswSetting> {
  const [row] = await sql.rows<{ readonly hasHalves: boolean }>(
    `SELECT to_regtype('halfvec') IS NOT NULL AS "hasHalves"`,
  );
  return row?.hasHalves === true ? halves : floats;
}
