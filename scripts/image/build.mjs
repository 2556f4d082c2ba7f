// docker/Dockerfile built by buildah, for machines without Docker and without a registry of images.
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { homedir, tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { makeBaseImage } from './base.mjs';
import { capture, run } from './programs.mjs';

const projectFolder = fileURLToPath(new URL('../..', import.meta.url));

/** @param target the Dockerfile's stage */
export function buildImage(target, tag) {
  makeBaseImage();
  const folder = mkdtempSync(join(tmpdir(), 'symface-build-'));
  try {
    const args = ['--isolation', 'chroot', '--format', 'docker', '--pull=never', '--layers'];
    const volumes = npmOfThisMachine(folder).flatMap((volume) => ['--volume', volume]);
    const file = ['--file', 'docker/Dockerfile', '--target', target, '--tag', tag];
    // It takes minutes of all cores, beside whatever else this machine does.
    run('nice', ['-n', '10', 'buildah', 'build', ...args, ...volumes, ...file, '.'], { cwd: projectFolder });
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** Has the image's files at a folder for as long as a function runs, which may write there: what it writes is not kept. */
export async function withFilesOf(tag, use) {
  const container = capture('buildah', ['from', '--pull-never', tag]);
  try {
    return await use(capture('buildah', ['mount', container]));
  } finally {
    run('buildah', ['rm', container], { stdio: 'ignore' });
  }
}

/** In bytes, of all its files. */
export function sizeOf(root) {
  return Number(capture('du', ['--summarize', '--bytes', root]).split('\t')[0]);
}

/** What a container of it is started with: environment, entry point and command. */
export function settingsOf(tag) {
  const { Docker } = JSON.parse(capture('buildah', ['inspect', '--type', 'image', tag]));
  const { Env, Entrypoint, Cmd, WorkingDir } = Docker.config;
  return { env: Env, entryPoint: Entrypoint, command: Cmd, workingFolder: WorkingDir };
}

/** How npm is set up here, and what it has fetched: none of it stays in the image. */
function npmOfThisMachine(folder) {
  const own = join(homedir(), '.npmrc');
  const settings = existsSync(own) ? [readFileSync(own, 'utf8')] : [];
  const volumes = [];
  const cache = join(capture('npm', ['config', 'get', 'cache']), '_cacache');
  if (existsSync(cache)) {
    settings.push('cache=/run/npm');
    volumes.push(`${cache}:/run/npm/_cacache`);
  }
  const authorities = process.env.NODE_EXTRA_CA_CERTS;
  if (authorities !== undefined) {
    settings.push('cafile=/run/authorities.pem');
    volumes.push(`${authorities}:/run/authorities.pem:ro`);
  }
  const global = join(folder, 'npmrc');
  writeFileSync(global, `${settings.join('\n')}\n`);
  return [...volumes, `${global}:/usr/local/etc/npmrc:ro`];
}
