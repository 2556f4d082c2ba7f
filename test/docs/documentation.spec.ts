import { readFileSync } from 'node:fs';
import { status } from '@grpc/grpc-js';
import { describe, expect, it } from 'vitest';
import { filesBelow } from './markdown.js';
import { statusOfReason } from '../../src/service/platform/grpc/rich-status.js';

const text = (file: string) => readFileSync(new URL(`../../${file}`, import.meta.url), 'utf8');

describe('docs/errors.md', () => {
  /** Reason and gRPC status of each row of the table. */
  const rows = [...text('docs/errors.md').matchAll(/^\| `([A-Z_]+)` +\| `([A-Z_]+)` +\| \S/gmu)];

  it('documents every reason with its gRPC status, and no other', () => {
    const documented = rows.map(([, reason, statusName]) => [reason, statusName]);
    expect(documented).toEqual(
      Object.entries(statusOfReason).map(([reason, code]) => [reason, status[code]]),
    );
  });
});

describe('docs/metrics.md', () => {
  it('documents every metric, and no other', () => {
    const metrics = (...files: readonly string[]) => [
      ...new Set(files.flatMap((file) => text(file).match(/symface_[a-z_]+/gu) ?? [])),
    ];
    const makers = filesBelow('src/service', ['.ts']).filter(
      (file) => !file.endsWith('.spec.ts') && text(file).includes("from 'prom-client'"),
    );
    expect(metrics('docs/metrics.md').sort()).toEqual(metrics(...makers).sort());
  });
});
