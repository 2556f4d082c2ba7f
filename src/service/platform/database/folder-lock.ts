import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { open, realpath, rm, stat } from 'node:fs/promises';
import { connect, createServer, type Server } from 'node:net';
import { join } from 'node:path';
import { ConfigurationError } from '../configuration/configuration.js';
import { hasErrorCode } from '../../../storage/files/durable-files.js';

/** The longest path of a socket (sun_path), the smaller of those of Linux and macOS. */
const maximumSocketPathBytes = 103;
const attempts = 3;

/**
 * Keeps a folder to one process: two that write the same embedded database would destroy it. The lock is a listening
 * socket, so the system itself lets go of it when the process ends, however it ends.
 * @returns lets go of the folder
 * @throws ConfigurationError where another process holds it
 */
export async function lockFolder(folder: string): Promise<() => Promise<void>> {
  const place = await socketPlace(folder);
  try {
    for (let attempt = 0; attempt < attempts; attempt++) {
      const server = await listen(place.path);
      if (server !== undefined) return await holdWith(server, place, folder);
      if (await isHeld(place.path)) break;
      // Its owner was killed.
      await rm(place.path, { force: true });
    }
    throw held(folder);
  } catch (error) {
    await place.close();
    throw error;
  }
}

async function holdWith(server: Server, place: SocketPlace, folder: string): Promise<() => Promise<void>> {
  server.unref();
  const { ino } = await stat(place.path);
  // Of two that found the same dead socket, the later one may have removed the living one of the earlier.
  await new Promise((resolve) => setTimeout(resolve, 50));
  const now = await stat(place.path).catch(() => undefined);
  if (now?.ino !== ino) {
    server.close();
    throw held(folder);
  }
  return async () => {
    await once(server.close(), 'close');
    await place.close();
  };
}

async function listen(path: string): Promise<Server | undefined> {
  const server = createServer((socket) => socket.destroy());
  try {
    server.listen(path);
    await once(server, 'listening');
    return server;
  } catch (error) {
    if (hasErrorCode(error, 'EADDRINUSE')) return undefined;
    throw error;
  }
}

async function isHeld(path: string): Promise<boolean> {
  const socket = connect(path);
  try {
    await once(socket, 'connect');
    return true;
  } catch (error) {
    if (hasErrorCode(error, 'ECONNREFUSED', 'ENOENT')) return false;
    throw error;
  } finally {
    socket.destroy();
  }
}

/** A path that is short enough for a socket, as long as it is not closed. */
interface SocketPlace {
  readonly path: string;
  close(): Promise<void>;
}

/**
 * The socket lies in the folder itself, whatever its name and whoever asks: a place elsewhere would depend on TMPDIR, and on
 * the way the folder is written.
 */
async function socketPlace(folder: string): Promise<SocketPlace> {
  const close = () => Promise.resolve();
  const path = join(folder, 'lock.socket');
  if (process.platform === 'win32') return { path: `\\\\.\\pipe\\symface-${digestOf(folder)}`, close };
  if (Buffer.byteLength(path) <= maximumSocketPathBytes) return { path, close };
  if (process.platform !== 'linux')
    return { path: join('/tmp', `symface-${digestOf(await realpath(folder))}`), close };
  const handle = await open(folder);
  return { path: `/proc/self/fd/${handle.fd}/lock.socket`, close: async () => handle.close() };
}

function digestOf(folder: string): string {
  return createHash('sha256').update(folder).digest('hex').slice(0, 32);
}

function held(folder: string): ConfigurationError {
  return new ConfigurationError(
    `Another SymFace process uses the database in ${folder}. Stop it first, or set SYMFACE_DATA_DIR to another folder.`,
  );
}
