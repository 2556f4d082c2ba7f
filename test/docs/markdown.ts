import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';

const projectFolder = fileURLToPath(new URL('../../', import.meta.url));
const foldersWithPages = ['docs', 'recipes', 'examples', 'bench', 'docker', 'models'];
const fencedBlock = /^( *)```(\w*)[^\n]*\n([\s\S]*?)^\1```$/gmu;

/** Paths of the repository's files, from its folder: what a page calls `src/main.ts`. */
const repositoryPath =
  /(?<![\w./~-])(?:src|test|proto|migrations|bench|scripts|docs|recipes|examples|docker|models)\/[\w./*-]*[\w*]/gu;

/** The text of a file of the repository. @param file path from the repository's folder */
export function text(file: string): string {
  return readFileSync(join(projectFolder, file), 'utf8');
}

/** Whether a path from the repository's folder names a file or a folder. */
function isInRepository(path: string): boolean {
  return existsSync(join(projectFolder, path));
}

/** Every page of the repository, as paths from its folder. */
export function pages(): readonly string[] {
  const root = readdirSync(projectFolder).filter((name) => name.endsWith('.md'));
  return [...root, ...foldersWithPages.flatMap((folder) => filesBelow(folder, ['.md']))].sort();
}

/** Files below a folder with one of some extensions, as paths from the repository's folder. */
export function filesBelow(folder: string, extensions: readonly string[]): readonly string[] {
  return readdirSync(join(projectFolder, folder), { recursive: true, encoding: 'utf8' })
    .filter((name) => extensions.some((extension) => name.endsWith(extension)))
    .map((name) => join(folder, name));
}

/** The lines of shell commands in a page's `sh` blocks, continued lines joined, without comments and assignments. */
export function shellLines(page: string): readonly string[] {
  const blocks = [...page.matchAll(fencedBlock)].filter(([, , language]) => language === 'sh');
  return blocks
    .flatMap(([, , , content = '']) => content.replaceAll(/\s*\\\n\s*/gu, ' ').split('\n'))
    .map((line) => line.replace(/(?:^|\s)#.*$/u, '').trim())
    .filter((line) => line !== '');
}

/** What stands between backticks in a page's prose. */
export function inlineCode(page: string): readonly string[] {
  return [...page.replaceAll(fencedBlock, '').matchAll(/`([^`]+)`/gu)].map(([, code = '']) =>
    code.replaceAll(/\s+/gu, ' '),
  );
}

/**
 * The links of a page that lead nowhere: to a file that is missing or to a heading that its page does not have. Links to
 * other hosts are not followed.
 * @param file where the page lies, from the repository's folder
 */
export function brokenLinks(file: string, page: string): readonly string[] {
  return linksOf(page).filter((link) => !leadsSomewhere(file, page, link));
}

/** The pages of the repository that a page links to, as paths from its folder. @param file where the page lies */
export function linkedPages(file: string, page: string): readonly string[] {
  return linksOf(page)
    .map((link) => link.replace(/#.*$/u, ''))
    .filter((path) => path.endsWith('.md'))
    .map((path) => targetOf(file, path));
}

function linksOf(page: string): readonly string[] {
  const prose = page.replaceAll(fencedBlock, '').replaceAll(/`[^`\n]*`/gu, '');
  return [...prose.matchAll(/\]\((?!https?:)([^)\s]+)\)/gu)].map(([, target = '']) => target);
}

/** The path from the repository's folder that a link of a page means. */
function targetOf(file: string, path: string): string {
  return relative(projectFolder, join(projectFolder, dirname(file), path));
}

function leadsSomewhere(file: string, page: string, link: string): boolean {
  const [path = '', anchor] = link.split('#');
  const target = path === '' ? file : targetOf(file, path);
  if (!isInRepository(target)) return false;
  if (anchor === undefined) return true;
  if (statSync(join(projectFolder, target)).isDirectory()) return false;
  return anchorsOf(path === '' ? page : text(target)).has(anchor);
}

/** The anchors that GitHub gives a page's headings; a heading that comes again gets a number. */
function anchorsOf(page: string): ReadonlySet<string> {
  const anchors = new Set<string>();
  const counts = new Map<string, number>();
  for (const [, heading = ''] of page.replaceAll(fencedBlock, '').matchAll(/^#{1,6} +(.+?)\s*$/gmu)) {
    const slug = heading
      .replaceAll(/\[([^\]]*)\]\([^)]*\)/gu, '$1')
      .toLowerCase()
      .replaceAll(/[^\p{L}\p{N}\s_-]/gu, '')
      .replaceAll(/\s/gu, '-');
    const count = counts.get(slug) ?? 0;
    counts.set(slug, count + 1);
    anchors.add(count === 0 ? slug : `${slug}-${count}`);
  }
  return anchors;
}

/**
 * The paths of the repository that a text names and that are not there; what git ignores is made by its reader. A path
 * with `*` stands for any file that fits; one with a word in capitals (`models/NAME/…`) is checked up to that word. Links
 * are left out, since their paths begin at their page, and so are comments.
 */
export function missingPaths(content: string): readonly string[] {
  const named = content.replaceAll(/\[[^\]\n]*\]\([^)\s]+\)|<!--[^>]*-->/gu, '');
  const paths = [...named.matchAll(repositoryPath)].map(([path]) => path);
  const made = text('.gitignore').split('\n');
  return [...new Set(paths)].filter((path) => !isThere(path) && !made.includes(path));
}

function isThere(path: string): boolean {
  const parts = path.split('/');
  const open = parts.findIndex((part) => /^[A-Z_]{2,}(?:\.\w+)*$/u.test(part));
  const known = open === -1 ? path : parts.slice(0, open).join('/');
  if (!known.includes('*')) return isInRepository(known);
  const folder = dirname(known);
  if (!isInRepository(folder)) return false;
  const pattern = known
    .slice(folder.length + 1)
    .replaceAll(/[.+?]/gu, '\\$&')
    .replaceAll('*', '.*');
  return readdirSync(join(projectFolder, folder)).some((name) => new RegExp(`^${pattern}$`, 'u').test(name));
}
