import { describe, expect, it } from 'vitest';
import { brokenLinks, filesBelow, linkedPages, missingPaths, pages, shellLines, text } from './markdown.js';

const history = 'CHANGELOG.md';

/** A decision without what was before it, which may be gone. */
const withoutContext = (page: string) => page.replace(/^## Context\n[\s\S]*?(?=^## )/mu, '');

describe.each(pages())('%s', (file) => {
  const page = text(file);

  it('links to pages and headings that exist', () => {
    expect(brokenLinks(file, page)).toEqual([]);
  });

  it.skipIf(file === history)('names files and folders that exist', () => {
    expect(missingPaths(withoutContext(page))).toEqual([]);
  });

  it('runs npm scripts that exist', () => {
    const { scripts } = JSON.parse(text('package.json')) as { scripts: Record<string, string> };
    const named = [...page.matchAll(/npm run (?:--silent )?([a-z][\w:-]*)/gu)].map(
      ([, script = '']) => script,
    );
    expect(named.filter((script) => !(script in scripts))).toEqual([]);
  });
});

describe('pages', () => {
  it('keep what was measured in docs/results, model cards and decisions', () => {
    const others = pages().filter((file) => !/^(?:docs\/(?:results|models|adr)\/|CHANGELOG\.md)/u.test(file));
    // A figure with its deviation, the p of a test, a difference with its interval.
    const figure = /\d ± \d|McNemar.*p = 0|[+-]\d+\.\d+ \([+-]\d/u;
    expect(others.filter((file) => figure.test(text(file)))).toEqual([]);
  });

  it('can all be reached from README.md', () => {
    const reached = new Set(['README.md']);
    for (const file of reached) for (const target of linkedPages(file, text(file))) reached.add(target);
    expect(pages().filter((file) => !reached.has(file))).toEqual([]);
  });
});

describe('what the code says of pages', () => {
  const sources = [
    ...filesBelow('src', ['.ts']),
    ...filesBelow('proto', ['.proto']),
    ...filesBelow('recipes', ['.yaml']),
    ...filesBelow('docker', ['ockerfile', '.yaml']),
    ...filesBelow('bench', ['.mjs']),
    ...filesBelow('scripts', ['.mjs']),
  ];

  it('names pages that exist', () => {
    const missing = sources.flatMap((file) => {
      const pagesNamed = [...text(file).matchAll(/(?<![\w/])docs\/[\w/-]+(?:\.md)?/gu)].map(([path]) => path);
      // A decision is named by its number.
      const paths = pagesNamed.map((path) => (/docs\/adr\/\d{4}$/u.test(path) ? `${path}-*` : path));
      return missingPaths(paths.join(' ')).map((path) => `${file}: ${path}`);
    });
    expect(missing).toEqual([]);
  });
});

describe('the checks of pages', () => {
  it('find links that lead nowhere', () => {
    const page =
      '# A page\n\n[a](#a-page) [b](#b) [c](docs/missing.md) [d](docs/errors.md#errors) [e](docs/errors.md#e)';
    expect(brokenLinks('README.md', page)).toEqual(['#b', 'docs/missing.md', 'docs/errors.md#e']);
  });

  it('find paths that are not there', () => {
    const page =
      '`src/main.ts`, `src/gone.ts`, docs/adr/0001-*, docs/adr/9999-*, models/NAME/x.json, /data/src/x';
    expect(missingPaths(page)).toEqual(['src/gone.ts', 'docs/adr/9999-*']);
  });

  it('read commands over several lines', () => {
    const page = '```sh\nA=1 npx symface verify a.jpg \\\n  b.jpg   # two photographs\n```\n\n```ts\nx\n```';
    expect(shellLines(page)).toEqual(['A=1 npx symface verify a.jpg b.jpg']);
  });
});
