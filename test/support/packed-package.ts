import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

const run = promisify(execFile);
const repository = fileURLToPath(new URL('../..', import.meta.url));
const tsc = join(repository, 'node_modules/typescript/bin/tsc');

/** As whoever depends on the package has it: every check, also of what the package ships. */
const compilerOptions = {
  target: 'ES2023',
  module: 'NodeNext',
  lib: ['ES2023', 'DOM', 'DOM.Iterable'],
  types: ['node'],
  strict: true,
  noUncheckedIndexedAccess: true,
  exactOptionalPropertyTypes: true,
  skipLibCheck: false,
};

/** The package as `npm pack` makes it, in an empty folder, with its dependencies beside it and nothing else. */
export interface PackedPackage {
  readonly folder: string;
  /** Paths in the tarball. */
  readonly files: readonly string[];
  /**
   * Compiles programs in the folder.
   * @param programs their text by their names
   * @returns what TypeScript says of them and of the package's declarations, one line each
   */
  compile(programs: ReadonlyMap<string, string>): Promise<readonly string[]>;
  /** Runs a compiled program. @returns what it prints */
  run(program: string, ...args: readonly string[]): Promise<string>;
  remove(): Promise<void>;
}

/** Packs what is built. Declarations are made, since only `npm pack` by hand runs the scripts that make them. */
export async function packPackage(): Promise<PackedPackage> {
  await run(process.execPath, [tsc, '--project', join(repository, 'tsconfig.types.json')]);
  const folder = await mkdtemp(join(tmpdir(), 'symface-packed-'));
  const files = await unpackInto(folder);
  await linkDependencies(folder);
  await writeFile(join(folder, 'package.json'), JSON.stringify({ type: 'module', private: true }));
  return {
    folder,
    files,
    compile: (programs) => compile(folder, programs),
    run: async (program, ...args) => {
      const { stdout } = await run(process.execPath, [`${program}.js`, ...args], { cwd: folder });
      return stdout;
    },
    remove: () => rm(folder, { recursive: true }),
  };
}

async function unpackInto(folder: string): Promise<readonly string[]> {
  const pack = ['pack', '--ignore-scripts', '--json', '--pack-destination', folder];
  const { stdout } = await run('npm', pack, { cwd: repository, maxBuffer: 2 ** 24 });
  const [packed] = JSON.parse(stdout) as { filename: string; files: { path: string }[] }[];
  const target = join(folder, 'node_modules/symface');
  await mkdir(target, { recursive: true });
  await run('tar', ['-xzf', join(folder, packed!.filename), '--strip-components=1', '-C', target]);
  return packed!.files.map(({ path }) => path);
}

/** Only what the package says that it depends on, and the types of Node. */
async function linkDependencies(folder: string): Promise<void> {
  const { dependencies } = JSON.parse(await readFile(join(repository, 'package.json'), 'utf8')) as {
    dependencies: Record<string, string>;
  };
  for (const name of [...Object.keys(dependencies), '@types/node']) {
    const link = join(folder, 'node_modules', name);
    await mkdir(dirname(link), { recursive: true });
    await symlink(join(repository, 'node_modules', name), link);
  }
}

async function compile(folder: string, programs: ReadonlyMap<string, string>): Promise<readonly string[]> {
  const files = [...programs.keys()].map((name) => `${name}.ts`);
  for (const [name, text] of programs) await writeFile(join(folder, `${name}.ts`), text);
  const project = join(folder, 'tsconfig.json');
  await writeFile(project, JSON.stringify({ compilerOptions, files }));
  const compiling = run(process.execPath, [tsc, '--project', project], { cwd: folder, maxBuffer: 2 ** 24 });
  const { stdout } = await compiling.catch((error: unknown) => error as { stdout: string });
  // Dependencies' own declarations have errors of their own.
  const isOurs = (line: string): boolean =>
    line.includes('node_modules/symface/') || files.some((file) => line.startsWith(file));
  return stdout.split('\n').filter(isOurs);
}
