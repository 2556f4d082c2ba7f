import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type FakeServer, startFakeServer } from '../support/fake-symface-server.js';

const command = fileURLToPath(new URL('../../dist/cli/main.js', import.meta.url));
const recorder = new URL('../support/record-modules.mjs', import.meta.url).href;
const packageFolder = new URL('../../', import.meta.url).href;

/** What takes longer to load than a call takes. */
const heavyPackages =
  /node_modules\/(?:@nestjs|@tensorflow|@vladmandic|typeorm|sharp|@img|zod|onnxruntime-\w+|pg|@electric-sql|rxjs|d3-[\w-]+|linkedom|@observablehq|preact[\w-]*)\//u;

let folder: string;
let server: FakeServer;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'symface-start-'));
  await writeFile(join(folder, 'a.jpg'), 'an image');
  server = await startFakeServer({
    verification: {
      Verify: (_, done) => {
        done(null, { matched: true });
      },
      DetectFaces: (_, done) => {
        done(null, { imageWidth: 1, imageHeight: 1 });
      },
    },
  });
});

afterAll(async () => {
  server.stop();
  await rm(folder, { recursive: true });
});

/** The output of the command as built, and the modules that it loaded, relative to the package. */
async function modulesOf(...args: string[]): Promise<{ readonly out: string; readonly modules: string[] }> {
  const file = join(folder, 'modules');
  const { stdout } = await promisify(execFile)(
    process.execPath,
    ['--import', recorder, command, ...args, '--server', server.address],
    { cwd: folder, env: { ...process.env, SYMFACE_LOADED_MODULES: file } },
  );
  const urls = (await readFile(file, 'utf8')).split('\n');
  await rm(file);
  const modules = urls.flatMap((url) =>
    url.startsWith(packageFolder) ? url.slice(packageFolder.length) : [],
  );
  return { out: stdout, modules: [...new Set(modules)] };
}

describe('the start of a command', () => {
  it('loads what a call needs, of one command', async () => {
    const { out, modules } = await modulesOf('verify', 'a.jpg', 'a.jpg');
    expect(out).toMatch(/^MATCH/u);
    expect(modules).toContain('dist/client/symface-client.js');
    expect(modules.some((path) => path.startsWith('node_modules/@grpc/grpc-js/'))).toBe(true);
    expect(modules.filter((path) => heavyPackages.test(path))).toEqual([]);
    const commands = modules.filter((path) => path.startsWith('dist/cli/commands/'));
    expect(commands).toEqual(['dist/cli/commands/verify.js']);
  });

  it('decodes no image to print where faces are', async () => {
    const { out, modules } = await modulesOf('detect', 'a.jpg');
    expect(out).toContain('no faces in 1x1 px');
    expect(modules.filter((path) => heavyPackages.test(path))).toEqual([]);
  });

  it('loads no more to show the help of all commands', async () => {
    const { out, modules } = await modulesOf('--help');
    expect(out).toContain('Commands:');
    expect(modules).toContain('dist/cli/commands/train.js');
    expect(modules.filter((path) => heavyPackages.test(path))).toEqual([]);
  });

  it('is all that npx shows', async () => {
    const { stdout, stderr } = await promisify(execFile)('npx', ['symface', '--version'], {
      cwd: fileURLToPath(packageFolder),
      env: { ...process.env, npm_config_update_notifier: 'false' },
    });
    expect(stdout.trim()).toMatch(/^\d+\.\d+\.\d+$/u);
    expect(stderr).toBe('');
  });
});
