import type { Tables } from '../../platform/database/open-database.js';
import { tables } from '../../tables.js';

/** Tables that no backup has, each with the reason. Every other one is backed up, new ones without a line here. */
const leftOut: ReadonlyMap<string, string> = new Map([
  ['replicas', 'who is alive now is not alive after a restore'],
  ['artifacts', 'artifacts are backed up by the artifact store, which may be a folder'],
  ['artifact_chunks', 'artifacts are backed up by the artifact store, which may be a folder'],
]);

/** The names of the tables that are backed up, each after those that its foreign keys refer to. */
export function backedUpTables(all: Tables = tables): readonly string[] {
  const targets = new Map(all.map((table) => [table.options.name, targetsOf(table)] as const));
  const ordered = new Set<string>();
  const add = (name: string, path: readonly string[]): void => {
    if (ordered.has(name)) return;
    if (path.includes(name)) throw new Error(`foreign keys go round: ${[...path, name].join(' → ')}`);
    for (const target of targets.get(name) ?? []) add(target, [...path, name]);
    ordered.add(name);
  };
  for (const name of targets.keys()) add(name, []);
  return [...ordered].filter((name) => !leftOut.has(name));
}

function targetsOf({ options }: Tables[number]): readonly string[] {
  const targets = Object.values(options.columns).map((column) => column?.foreignKey?.target);
  return targets.filter((target): target is string => typeof target === 'string' && target !== options.name);
}
