import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** Where the HTTP port of a process reaches the gRPC service of the same process. */
export interface InnerSocket {
  readonly address: string;
  remove(): Promise<void>;
}

/** Makes a place for a Unix socket that nobody but this user can reach: what comes through it has passed the HTTP port. */
export async function innerSocket(): Promise<InnerSocket> {
  // Only the owner may enter it.
  const folder = await mkdtemp(join(tmpdir(), 'symface-'));
  return {
    address: `unix:${join(folder, 'grpc.sock')}`,
    remove: async () => rm(folder, { recursive: true, force: true }),
  };
}
