import { existsSync } from 'node:fs';
import { readdir, readFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { importTinyBackbone } from '../../support/tiny-backbone-import.js';
import { type Attack, hold } from '../attack.js';

const preload = fileURLToPath(new URL('../preloads/record-outside.cjs', import.meta.url));
const strace = '/usr/bin/strace';
/** Of Node and of the system, whatever it runs. */
const anybodys = /^(?:\/dev\/|\/proc\/|\/sys\/|pipe:|\d+$)/u;

export default {
  title:
    'whether the service, its workers or what they load open sockets or write files that nobody asked for',
  isShort: true,
  hasOwnServices: true,
  limitSeconds: 120,
  run: async ({ startTarget, newFolder, photographs }) => {
    const [home, records] = [await newFolder(), await newFolder()];
    const [record, trace] = [join(records, 'record'), join(records, 'trace')];
    const traced = ['-D', '-f', '-qq', '-e', 'trace=connect,openat,creat,mkdir', '-o', trace];
    const target = await startTarget({
      launcher: existsSync(strace) ? [strace, ...traced] : [],
      settings: {
        HOME: home,
        XDG_CACHE_HOME: '',
        NODE_OPTIONS: `--require ${preload}`,
        SYMFACE_RECORD_OUTSIDE: record,
        ORT_DISABLE_TELEMETRY: '',
      },
    });
    const { dataFolder } = target.server;
    const { faceVerification } = target.client();
    await faceVerification.verify({
      imageA: { content: photographs.person },
      imageB: { content: photographs.other },
    });
    await importTinyBackbone(target.client(target.keys.admin));
    await target.stop();
    const written = await readdir(home, { recursive: true });
    hold(written.length === 0, `in the home folder it has written ${written.join(', ')}`);
    const places = [dataFolder, tmpdir(), records];
    const isOurs = (path: string): boolean =>
      anybodys.test(path) || places.some((place) => path.startsWith(place));
    const [recorded, native] = [recordedIn(await textOf(record)), tracedIn(await textOf(trace))];
    for (const { connections, files, how } of [recorded, native]) {
      const strange = connections.filter((address) => !/^(?:127\.0\.0\.1|localhost|::1|\/)/u.test(address));
      hold(strange.length === 0, `it reaches for ${strange.join(', ')} (${how})`);
      const outside = files.filter((path) => !isOurs(path));
      hold(outside.length === 0, `it writes ${[...new Set(outside)].slice(0, 5).join(', ')} (${how})`);
    }
    const byStrace = native.files.length > 0 ? `strace saw ${native.files.length}` : 'strace is not at hand';
    hold(recorded.files.length > 0, 'nothing was recorded: the watch does not work');
    return `${recorded.files.length} files in its own folders were opened for writing (${byStrace}), ${recorded.connections.length} connections on this machine`;
  },
} satisfies Attack;

interface Outside {
  readonly connections: readonly string[];
  readonly files: readonly string[];
  readonly how: string;
}

async function textOf(file: string): Promise<string> {
  return readFile(file, 'utf8').catch(() => '');
}

function recordedIn(text: string): Outside {
  const lines = text
    .split('\n')
    .map((line) => [line.split(' ')[0], line.slice(line.indexOf(' ') + 1)] as const);
  const of = (...kinds: readonly string[]): readonly string[] =>
    lines.flatMap(([kind = '', what]) => (kinds.includes(kind) ? [what] : []));
  return { connections: of('connect', 'lookup'), files: of('write'), how: 'by Node' };
}

function tracedIn(text: string): Outside {
  const lines = text.split('\n').filter((line) => !line.includes(' = -1 E') || line.includes('connect('));
  return {
    connections: lines.flatMap((line) => {
      const [, address] = /connect\(.*inet_(?:addr\(|pton\(AF_INET6, )"([^"]+)"/u.exec(line) ?? [];
      return address === undefined ? [] : [address];
    }),
    files: lines.flatMap((line) => {
      const [, path, flags = ''] =
        /(?:openat|creat|mkdir)\((?:AT_FDCWD, )?"([^"]+)"(?:, ([A-Z_|]+))?/u.exec(line) ?? [];
      const isWrite = /O_(?:WRONLY|RDWR|CREAT)/u.test(flags) || /(?:creat|mkdir)\(/u.test(line);
      return path !== undefined && isWrite ? [path] : [];
    }),
    how: 'by strace',
  };
}
