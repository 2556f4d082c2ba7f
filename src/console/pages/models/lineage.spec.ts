import { expect, it } from 'vitest';
import { type Descendant, placeLineage } from './lineage.js';

function drawn(...versions: readonly Descendant[]): readonly string[] {
  return placeLineage(versions).map(
    ({ id, column, row, parent }) => `${id} ${column},${row}${parent === undefined ? '' : ` of ${parent.id}`}`,
  );
}

it('puts a child right of its parent, the first in the same row and the others below', () => {
  const versions = [
    { id: 'root', parent: undefined },
    { id: 'first', parent: 'root' },
    { id: 'second', parent: 'root' },
    { id: 'grandchild', parent: 'first' },
  ];
  expect(drawn(...versions)).toEqual(['root 0,0', 'first 1,0 of root', 'second 1,1 of root', 'grandchild 2,0 of first']);
});

it('never puts two versions in one place', () => {
  const versions = [
    { id: 'a', parent: undefined },
    { id: 'b', parent: 'a' },
    { id: 'c', parent: 'b' },
    { id: 'd', parent: 'b' },
    { id: 'e', parent: 'a' },
    { id: 'f', parent: undefined },
    { id: 'g', parent: 'e' },
  ];
  const places = placeLineage(versions).map(({ column, row }) => `${column},${row}`);
  expect(new Set(places).size).toBe(versions.length);
});

it('begins a branch with a version whose parent was deleted', () => {
  expect(drawn({ id: 'orphan', parent: 'gone' }, { id: 'child', parent: 'orphan' })).toEqual([
    'orphan 0,0',
    'child 1,0 of orphan',
  ]);
});

it('ends on manifests that name each other as parents', () => {
  expect(placeLineage([
    { id: 'a', parent: 'b' },
    { id: 'b', parent: 'a' },
  ])).toHaveLength(2);
});
