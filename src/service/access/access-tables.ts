import type { EntitySchema } from 'typeorm';

import { bigserial, bytes, json, moment, primary, table, text, time } from '../platform/database/columns.js';

const idempotencyKeys = table({
  name: 'idempotency_keys',
  columns: {
    tenant: primary(text, 'idempotency_keys'),
    request_id: primary(text, 'idempotency_keys'),
    digest: bytes,
    outcomes: json,
    model_version: text,
    detector_version: text,
    create_time: time,
  },
  indices: [{ name: 'ix_idempotency_keys_create_time', columns: ['create_time'] }],
});

const apiKeys = table({
  name: 'api_keys',
  columns: {
    id: primary(text, 'api_keys'),
    tenant: text,
    role: text,
    display_name: text,
    secret_hash: bytes,
    create_time: time,
    revoke_time: moment,
  },
});

const auditEvents = table({
  name: 'audit_events',
  columns: {
    sequence: primary(bigserial, 'audit_events'),
    time,
    actor: text,
    tenant: text,
    action: text,
    target: text,
    details: json,
  },
});

const encryptionChecks = table({
  name: 'encryption_checks',
  columns: { id: primary({ type: 'integer' }, 'encryption_checks'), sealed: bytes },
});

/** Who may call, what was called, and whether the key is the right one. */
export const accessTables: readonly EntitySchema[] = [
  idempotencyKeys,
  apiKeys,
  auditEvents,
  encryptionChecks,
];
