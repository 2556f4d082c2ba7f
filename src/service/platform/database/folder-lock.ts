import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { rm, stat } from 'node:fs/promises';
import { connect, createServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
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
  const path = socketPath(folder);
  for (let attempt = 0; attempt < attempts; attempt++) {
    const server = await listen(path);
    if (server !== undefined) return holdWith(server, path, folder);
    if (await isHeld(path)) break;
    // Its owner was killed.
    await rm(path, { force: true });
  }
  throw held(folder);
}

async function holdWith(server: Server, path: string, folder: string): Promise<() => Promise<void>> {
  server.unref();
  const { ino } = await stat(path);
  // Of two that found the same dead socket, the later one may have removed the living one of the earlier.
  await new Promise((resolve) => setTimeout(resolve, 50));
  const now = await stat(path).catch(() => undefined);
  if (now?.ino !== ino) {
    server.close();
    throw held(folder);
  }
  return async () => {
    await once(server.close(), 'close');
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

function socketPath(folder: string): string {
  const path = join(folder, 'lock.socket');
  if (process.platform === 'win32') return `\\\\.\\pipe\\symface-${digestOf(folder)}`;
  return Buffer.byteLength(path) <= maximumSocketPathBytes
    ? path
    : join(tmpdir(), `symface-${digestOf(folder)}`);
}

function digestOf(folder: string): string {
  return createHash('sha256').update(folder).digest('hex').slice(0, 32);
}

function held(folder: string): ConfigurationError {
  return new ConfigurationError(
    `Another SymFace process uses the database in ${folder}. Stop it first, or set SYMFACE_DATA_DIR to another folder.`,
  );
}
