// npm run docker:steps: does what docker/Dockerfile says in an empty folder, without Docker: every COPY and RUN of its
// stages, then the entry point of the service, until it is ready, and that of the worker, which wants a database. For
// machines that have no Docker engine. Some details of an image have no counterpart here: the base image, the user and the
// volume. The images for GPUs begin with images of NVIDIA's and are not tried.
import { execFileSync, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const projectFolder = fileURLToPath(new URL('..', import.meta.url));
const root = mkdtempSync(join(tmpdir(), 'symface-image-'));
const ports = { SYMFACE_GRPC_PORT: '51071', SYMFACE_HTTP_PORT: '51072' };
/** No certificate is at hand: the image itself refuses to serve others without one. */
const settings = { SYMFACE_HOST: '127.0.0.1', SYMFACE_LOG_LEVEL: 'error', ...ports };
const readyTimeoutMs = 180_000;

const stages = [];
for (const { keyword, rest } of instructionsOf(
  readFileSync(join(projectFolder, 'docker/Dockerfile'), 'utf8'),
)) {
  if (keyword === 'FROM') stages.push(newStage(rest));
  else perform(stages.at(-1), keyword, rest);
}
try {
  refuseToWorkAlone(stages.find(({ name }) => name === 'worker'));
  await serveUntilReady(stages.at(-1));
} finally {
  rmSync(root, { recursive: true });
}

function instructionsOf(text) {
  const lines = text.replaceAll(/\\\n/gu, ' ').split('\n');
  return lines
    .filter((line) => line.trim() !== '' && !line.startsWith('#'))
    .map((line) => ({ keyword: line.split(' ', 1)[0], rest: line.slice(line.indexOf(' ') + 1).trim() }));
}

function newStage(rest) {
  const name = / AS (\S+)$/u.exec(rest)?.[1] ?? String(stages.length);
  const base = stages.find((stage) => stage.name === rest.split(' ', 1)[0]);
  // Stages that go on from another one only add settings, so they may share its files.
  if (base !== undefined) return { ...base, name, env: { ...base.env } };
  return { name, folder: join(root, name), cwd: '/', env: {}, entryPoint: [], command: [] };
}

function perform(stage, keyword, rest) {
  console.log(`> [${stage.name}] ${keyword} ${rest.slice(0, 100)}`);
  switch (keyword) {
    case 'WORKDIR':
      stage.cwd = rest;
      mkdirSync(inside(stage, rest), { recursive: true });
      break;
    case 'ENV':
      for (const pair of rest.split(' '))
        stage.env[pair.split('=', 1)[0]] = pair.slice(pair.indexOf('=') + 1);
      break;
    case 'COPY':
      copy(stage, rest.split(' '));
      break;
    case 'RUN':
      runIn(stage, rest);
      break;
    case 'ENTRYPOINT':
      stage.entryPoint = JSON.parse(rest);
      break;
    case 'CMD':
      stage.command = JSON.parse(rest);
      break;
    case 'USER':
    case 'VOLUME':
    case 'EXPOSE':
    case 'HEALTHCHECK':
      break;
    default:
      throw new Error(`this script does not know ${keyword}`);
  }
}

function inside(stage, path) {
  return join(stage.folder, path.startsWith('/') ? path : join(stage.cwd, path));
}

function copy(stage, words) {
  const from = words[0].startsWith('--from=') ? words.shift().slice('--from='.length) : undefined;
  const target = words.at(-1);
  const source = from === undefined ? contextFolder() : join(root, from);
  for (const path of words.slice(0, -1)) {
    const sourcePath = join(source, path);
    const isFolder = statSync(sourcePath).isDirectory();
    const destination = inside(stage, target.endsWith('/') && !isFolder ? join(target, path) : target);
    mkdirSync(dirname(destination), { recursive: true });
    cpSync(sourcePath, destination, { recursive: true });
  }
}

/** The build context: the files that git knows, which are those that .dockerignore leaves in a clean checkout. */
function contextFolder() {
  const folder = join(root, 'context');
  const files = execFileSync('git', ['ls-files', '-z', '--cached', '--others', '--exclude-standard'], {
    cwd: projectFolder,
    encoding: 'utf8',
  });
  for (const file of files.split('\0').filter(Boolean)) {
    mkdirSync(dirname(join(folder, file)), { recursive: true });
    cpSync(join(projectFolder, file), join(folder, file));
  }
  return folder;
}

/** Absolute paths of the image lie below the stage's folder, and there is no user "node" to give them to. */
function runIn(stage, command) {
  const local = command
    .replaceAll('/var/lib/symface', inside(stage, '/var/lib/symface'))
    .replaceAll(/ && chown \S+ \S+/gu, '');
  execFileSync('/bin/sh', ['-c', local], {
    cwd: inside(stage, '.'),
    env: environmentOf(stage),
    stdio: 'inherit',
  });
}

function environmentOf(stage) {
  const { SYMFACE_DATA_DIR: dataFolder, ...env } = stage.env;
  const local = dataFolder === undefined ? {} : { SYMFACE_DATA_DIR: inside(stage, dataFolder) };
  return { PATH: process.env.PATH, HOME: process.env.HOME, ...env, ...local };
}

/** Without DATABASE_URL: that it says so shows that the image has what the command needs. */
function refuseToWorkAlone(stage) {
  const [program, ...args] = [...stage.entryPoint, ...stage.command];
  console.log(`> [${stage.name}] ${program} ${args.join(' ')}`);
  const { status, stderr } = spawnSync(program, args, {
    cwd: inside(stage, '.'),
    env: { ...environmentOf(stage), SYMFACE_LOG_LEVEL: 'error' },
    encoding: 'utf8',
  });
  if (status !== 2 || !stderr.includes('set DATABASE_URL')) {
    throw new Error(`the worker ended with exit code ${status} and said: ${stderr}`);
  }
}

async function serveUntilReady(stage) {
  const [program, ...args] = [...stage.entryPoint, ...stage.command];
  console.log(`> [${stage.name}] ${program} ${args.join(' ')}`);
  const service = spawn(program, args, {
    cwd: inside(stage, '.'),
    env: { ...environmentOf(stage), ...settings },
    stdio: 'inherit',
  });
  const giveUpAtMs = Date.now() + readyTimeoutMs;
  const isReady = () =>
    fetch(`http://127.0.0.1:${ports.SYMFACE_HTTP_PORT}/readyz`).then(
      ({ ok }) => ok,
      () => false,
    );
  while (!(await isReady())) {
    if (service.exitCode !== null) throw new Error(`the service ended with exit code ${service.exitCode}`);
    if (Date.now() > giveUpAtMs) throw new Error('the service was not ready in time');
    await new Promise((resolve) => setTimeout(resolve, 250));
  }
  const exited = once(service, 'exit');
  service.kill('SIGTERM');
  const [exitCode] = await exited;
  if (exitCode !== 0) throw new Error(`the service ended with exit code ${exitCode} after SIGTERM`);
  console.log('The steps of docker/Dockerfile lead to a service that gets ready and ends cleanly.');
}
