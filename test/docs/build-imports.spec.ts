import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import ts from 'typescript';
import { describe, expect, it } from 'vitest';

const project = fileURLToPath(new URL('../../', import.meta.url));

/** Programs beside the build that no compiler looks at: what they import of dist/ is found out when they run only. */
const programs = ['bench', 'scripts', 'test/support'].flatMap((folder) =>
  readdirSync(`${project}${folder}`, { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.mjs'))
    .map((name) => `${folder}/${name}`),
);

const importPattern =
  /import(?: \{([^}]*)\}|[^'"{]*) from '(?:\.\.?\/)+dist\/([^']+)\.js'|import\(\s*'(?:\.\.?\/)+dist\/([^']+)\.js'/gu;

interface BuildImport {
  readonly module: string;
  readonly names: readonly string[];
}

function importsOf(program: string): readonly BuildImport[] {
  const text = readFileSync(`${project}${program}`, 'utf8');
  return [...text.matchAll(importPattern)].map(([, named = '', module, loaded]) => ({
    module: module ?? loaded ?? '',
    names: named
      .split(',')
      .map((name) => name.trim().split(' as ')[0] ?? '')
      .filter((name) => name !== ''),
  }));
}

const modules = programs.flatMap((program) => importsOf(program).map(({ module }) => sourceOf(module)));
const compiled = ts.createProgram([...new Set(modules)], { noResolve: true, allowJs: false });

function sourceOf(module: string): string {
  const path = `${project}src/${module}.ts`;
  return existsSync(path) ? path : `${path}x`;
}

function exportsOf(module: string): readonly string[] {
  const source = compiled.getSourceFile(sourceOf(module));
  const symbol = source && compiled.getTypeChecker().getSymbolAtLocation(source);
  return symbol === undefined ? [] : [...(symbol.exports?.keys() ?? [])].map(String);
}

describe('programs that use the build', () => {
  it.each(programs.filter((program) => importsOf(program).length > 0))(
    '%s imports what is there',
    (program) => {
      for (const { module, names } of importsOf(program)) {
        const exported = exportsOf(module);
        expect(exported, `src/${module}.ts`).not.toEqual([]);
        expect(exported, `src/${module}.ts`).toEqual(expect.arrayContaining([...names]));
      }
    },
  );
});
