import type { EntitySchema } from 'typeorm';

import { json, moment, primary, real, table, text, time } from '../platform/database/columns.js';

const modelVersions = table({
  name: 'model_versions',
  columns: { id: primary(text, 'model_versions'), first_used_time: time },
});

const activeModels = table({
  name: 'active_models',
  columns: {
    kind: primary(text, 'active_models'),
    model_version: text,
    previous_model_version: { ...text, nullable: true },
    activate_time: time,
  },
});

const shadows = table({
  name: 'shadows',
  columns: {
    model_version: primary(text, 'shadows'),
    share: real,
    start_time: time,
    stop_time: moment,
    counts: json,
  },
});

const deletedModels = table({
  name: 'deleted_models',
  columns: { model_version: primary(text, 'deleted_models'), delete_time: time },
});

/** Which models serve, were used, decide in the shadow or are gone. */
export const modelTables: readonly EntitySchema[] = [modelVersions, activeModels, shadows, deletedModels];
