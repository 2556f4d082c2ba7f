import type { EntitySchema } from 'typeorm';

import { primary, table, text, time } from '../platform/database/columns.js';

const deletedModels = table({
  name: 'deleted_models',
  columns: { model_version: primary(text, 'deleted_models'), delete_time: time },
});

/** Which models are gone. */
export const modelTables: readonly EntitySchema[] = [deletedModels];
