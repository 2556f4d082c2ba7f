import { once } from 'node:events';
import { mkdtemp, readdir, rm, stat } from 'node:fs/promises';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { hasErrorCode } from '../../../storage/files/durable-files.js';
import { ConfigurationError } from '../configuration/configuration-error.js';

const folderStart = 'symface-grpc-';
const socketName = 'grpc.sock';
/** The longest path of a socket (sun_path), the smaller of those of Linux and macOS. */
const maximumSocketPathBytes = 103;
/** What `mkdtemp` adds to a name. */
const randomCharacters = 6;
/** A folder without a socket may be of a process that is about to start. */
const abandonedAfterMs = 3_600_000;

/** Where the HTTP port of a process reaches the gRPC service of the same process. */
export interface InnerSocket {
  readonly address: string;
  remove(): Promise<void>;
}

/**
 * Makes a place for a Unix socket that nobody but this user can reach: what comes through it has passed the HTTP port. What processes
 * that were killed have left there is removed.
 * @param temporaryFolder the place; a shorter one is taken where a socket's path would be too long
 * @throws ConfigurationError where there is none
 */
export async function innerSocket(temporaryFolder = tmpdir()): Promise<InnerSocket> {
  const place = placeFor(temporaryFolder);
  await removeAbandoned(place).catch(() => undefined);
  // Only the owner may enter it.
  const folder = await mkdtemp(join(place, folderStart)).catch((cause: unknown) => {
    throw unwritable(place, cause);
  });
  return {
    address: `unix:${join(folder, socketName)}`,
    remove: async () => rm(folder, { recursive: true, force: true }),
  };
}

function unwritable(place: string, cause: unknown): ConfigurationError {
  const code = cause instanceof Error && 'code' in cause ? String(cause.code) : String(cause);
  return new ConfigurationError(
    `The folder for temporary files, ${place}, cannot be written (${code}). Set TMPDIR to one that can, or SYMFACE_HTTP_API=off.`,
    { cause },
  );
}

function placeFor(temporaryFolder: string): string {
  const place = [temporaryFolder, '/tmp'].find((folder) => isShortEnough(folder));
  if (place !== undefined) return place;
  throw new ConfigurationError(
    `The path of the folder for temporary files, ${temporaryFolder}, is too long for a socket (${maximumSocketPathBytes} bytes). ` +
      'Set TMPDIR to a shorter one, or SYMFACE_HTTP_API=off.',
  );
}

function isShortEnough(folder: string): boolean {
  const path = join(folder, folderStart + 'x'.repeat(randomCharacters), socketName);
  return Buffer.byteLength(path) <= maximumSocketPathBytes;
}

/** Removes the folders of processes that have ended without doing so: their sockets answer nobody. */
async function removeAbandoned(place: string): Promise<void> {
  const names = (await readdir(place)).filter((name) => name.startsWith(folderStart));
  for (const name of names) {
    const folder = join(place, name);
    // Folders of other users cannot be removed, nor looked into.
    if (await isAbandoned(folder).catch(() => false))
      await rm(folder, { recursive: true, force: true }).catch(() => undefined);
  }
}

async function isAbandoned(folder: string): Promise<boolean> {
  const socket = connect(join(folder, socketName));
  try {
    await once(socket, 'connect');
    return false;
  } catch (error) {
    if (hasErrorCode(error, 'ECONNREFUSED')) return true;
    if (!hasErrorCode(error, 'ENOENT')) return false;
    return Date.now() - (await stat(folder)).mtimeMs > abandonedAfterMs;
  } finally {
    socket.destroy();
  }
}
