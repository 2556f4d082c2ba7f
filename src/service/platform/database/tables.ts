import type { EntitySchema } from 'typeorm';

import { accessTables } from '../../access/access-tables.js';
import { benchmarkTables } from '../../evaluation/benchmark-tables.js';
import { enrolmentTables } from '../../enrolment/enrolment-tables.js';
import { jobTables } from '../../jobs/job-tables.js';
import { modelTables } from '../../models/model-tables.js';

/**
 * The tables as TypeORM knows them. Migrations create them; test/integration/postgres proves that both agree. The
 * stores speak SQL: what they need (row locks, keyset pages, counts in one statement) is what an ORM hides.
 */
export const tables: readonly EntitySchema[] = [
  ...enrolmentTables,
  ...modelTables,
  ...accessTables,
  ...benchmarkTables,
  ...jobTables,
];
