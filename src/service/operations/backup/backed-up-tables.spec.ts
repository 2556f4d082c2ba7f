import { describe, expect, it } from 'vitest';
import { integer, table } from '../../platform/database/table.js';
import { tables } from '../../tables.js';
import { backedUpTables } from './backed-up-tables.js';

describe('backedUpTables', () => {
  it('has every table of the service but those of processes and of the artifact store', () => {
    const left = new Set(['replicas', 'artifacts', 'artifact_chunks']);
    const names = tables.map(({ options }) => options.name).filter((name) => !left.has(name));
    expect([...backedUpTables()].sort()).toEqual(names.sort());
  });

  it('names each after those that it refers to, whatever their order is', () => {
    const parent = table('parents', { id: integer().primary() });
    const child = table('children', { id: integer().primary(), parent: integer().references('parents') });
    const grandchild = table('grandchildren', { child: integer().primary().references('children') });
    expect(backedUpTables([grandchild, child, parent])).toEqual(['parents', 'children', 'grandchildren']);
  });
});
