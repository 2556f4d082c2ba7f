import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { text } from './markdown.js';

const page = text('docs/architecture.md');

/** Folders of the tree that the page draws, as paths below src, in its order. */
function drawnFolders(): readonly string[] {
  const [, tree = ''] = /```text\nsrc\/\n([\s\S]*?)```/u.exec(page) ?? [];
  let parent = '';
  return [...tree.matchAll(/^( +)([\w-]+)\/ /gmu)].map(([, indent = '', name = '']) => {
    if (indent.length === 2) parent = name;
    return indent.length === 2 ? name : `${parent}/${name}`;
  });
}

function foldersOf(folder: string): readonly string[] {
  return readdirSync(join('src', folder), { withFileTypes: true })
    .filter((entry) => entry.isDirectory() && entry.name !== 'generated')
    .map(({ name }) => join(folder, name));
}

describe("docs/architecture.md's tree", () => {
  it('has every folder of src and every feature of the service', () => {
    expect([...drawnFolders()].sort()).toEqual([...foldersOf(''), ...foldersOf('service')].sort());
  });

  it('has the order that the dependency rules enforce', () => {
    const [, boxes = ''] = /const boxes = \[([\s\S]*?)\];/u.exec(text('.dependency-cruiser.cjs')) ?? [];
    const enforced = [...boxes.matchAll(/'([\w/-]+)'/gu)].map(([, box = '']) => box);
    const there = enforced.filter((box) => box !== 'generated' && existsSync(join('src', box)));
    expect(there.length).toBeGreaterThan(0);
    expect(drawnFolders().filter((folder) => folder !== 'service')).toEqual(there);
  });
});
