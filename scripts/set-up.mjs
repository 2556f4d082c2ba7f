// The steps from a fresh clone to a built service. Plain Node without dependencies: there may be none yet.
import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  chmodSync,
  existsSync,
  lstatSync,
  readdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { join, parse } from 'node:path';
import { fileURLToPath } from 'node:url';

const projectFolder = fileURLToPath(new URL('..', import.meta.url));
const lockFile = join(projectFolder, 'package-lock.json');
const dependencyFolder = join(projectFolder, 'node_modules');
const installedLockFile = join(dependencyFolder, '.package-lock.json');
const installStampFile = join(dependencyFolder, '.symface-install');
const commandFile = join(projectFolder, 'dist/cli/main.js');

/** The same as "engines" in package.json, which npm only warns about. */
export function requireSupportedNode() {
  const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
  const isSupported = (major === 20 && minor >= 19) || (major === 22 && minor >= 12) || major >= 24;
  if (isSupported) return;
  console.error(`SymFace needs Node 20.19, 22.12, 24 or newer; this is ${process.versions.node}.`);
  console.error('Install a supported version (https://nodejs.org) and run the command again.');
  process.exit(1);
}

export function announce(step) {
  console.log(`> ${step}`);
}

/**
 * Runs a program in the project folder and waits for it. SIGINT and SIGTERM are passed on, so that it can end in its
 * own way.
 * @returns {Promise<number>} its exit code; 1 where a signal ended it
 */
export function run(program, args, options = {}) {
  const child = spawn(program, args, { cwd: projectFolder, stdio: 'inherit', ...options });
  const pass = (signal) => child.kill(signal);
  for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, pass);
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('exit', (code) => {
      for (const signal of ['SIGINT', 'SIGTERM']) process.off(signal, pass);
      resolve(code ?? 1);
    });
  });
}

/** Steps that say nothing for long look as if they hung. @param result there from the second time on */
function firstTime(result) {
  return existsSync(result) ? '' : ', which takes about half a minute the first time';
}

/** As {@link run} with Node; a failure ends this process with the same exit code. */
async function requireNode(args) {
  const exitCode = await run(process.execPath, args);
  if (exitCode !== 0) process.exit(exitCode);
}

/** Runs the built `symface` command. */
export function runSymFace(args) {
  return run(process.execPath, [commandFile, ...args]);
}

/** `npm ci`, unless what is installed fits the lock file. Offline where nothing is to be done. */
export async function installDependencies() {
  const lockDigest = createHash('sha256').update(readFileSync(lockFile)).digest('hex');
  if (isInstalled(lockDigest)) {
    announce('Dependencies are installed.');
    return;
  }
  refuseLinkedDependencies();
  announce(`Installing dependencies (npm ci)${firstTime(dependencyFolder)} …`);
  const npm = process.env.npm_execpath;
  const exitCode =
    npm === undefined
      ? await run('npm', ['ci'], { shell: process.platform === 'win32' })
      : await run(process.execPath, [npm, 'ci']);
  if (exitCode !== 0) {
    console.error('npm ci failed; its messages above say why. The first run needs an npm registry.');
    process.exit(exitCode);
  }
  writeFileSync(installStampFile, lockDigest);
}

function isInstalled(lockDigest) {
  if (existsSync(installStampFile)) return readFileSync(installStampFile, 'utf8') === lockDigest;
  return existsSync(installedLockFile) && holdsAll(packagesOf(installedLockFile), packagesOf(lockFile));
}

/** Whether what npm says it has installed, by hand for example, is what is locked. Packages for other machines are optional. */
function holdsAll(installed, locked) {
  return Object.entries(locked).every(([path, { version, integrity, optional }]) => {
    // The project itself.
    if (path === '') return true;
    const found = installed[path];
    return found === undefined ? optional : found.version === version && found.integrity === integrity;
  });
}

function packagesOf(file) {
  return JSON.parse(readFileSync(file, 'utf8')).packages;
}

/** npm ci empties the folder behind a link, and then puts another one in place of the link. */
function refuseLinkedDependencies() {
  if (lstatSync(dependencyFolder, { throwIfNoEntry: false })?.isSymbolicLink() !== true) return;
  const linked = existsSync(dependencyFolder) ? realpathSync(dependencyFolder) : 'nowhere';
  console.error(`node_modules is a link, to ${linked}, whose packages are not those of package-lock.json.`);
  console.error(
    'npm ci would empty that folder. Remove the link, or run npm ci where it leads, then run the command again.',
  );
  process.exit(1);
}

/** Compiles what has changed since the last build. */
export async function build() {
  announce(`Building${firstTime(commandFile)} …`);
  removeFormerMigrations();
  await requireNode([join(projectFolder, 'scripts/generate-types.mjs')]);
  for (const project of ['tsconfig.build.json', 'tsconfig.migrations.json']) {
    await requireNode([
      join(projectFolder, 'node_modules/typescript/bin/tsc'),
      '--project',
      join(projectFolder, project),
    ]);
  }
  await requireNode([join(projectFolder, 'scripts/build-console.mjs')]);
  // npx runs the command through its file mode.
  chmodSync(commandFile, 0o755);
}

/** Removes compiled migrations whose source is gone: the compiler leaves them, and the service would run them. */
function removeFormerMigrations() {
  const compiled = join(projectFolder, 'dist/migrations');
  if (!existsSync(compiled)) return;
  for (const file of readdirSync(compiled)) {
    const source = join(projectFolder, 'migrations', `${parse(file).name}.ts`);
    if (!existsSync(source)) rmSync(join(compiled, file));
  }
}

/** Compiles the pretrained models into the data folder, unless they are there. @param options of `symface prepare` */
export async function prepareModels(options = []) {
  announce('Preparing models …');
  const exitCode = await runSymFace(['prepare', ...options]);
  if (exitCode !== 0) process.exit(exitCode);
}
