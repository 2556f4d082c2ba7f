/** A service with a data folder of its own: nothing was measured in it before. */
import { cp, mkdtemp, rm } from 'node:fs/promises';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { SymFaceClient } from '../../dist/client/symface-client.js';
import { startService } from '../serve/service-process.mjs';

const models = fileURLToPath(new URL('../../.symface/models', import.meta.url));

/** Starts it with the models that were prepared in this checkout, and runs `work`; then all of it is gone. */
export async function withOwnService(work) {
  const dataFolder = await mkdtemp(join(tmpdir(), 'symface-bench-'));
  try {
    await cp(models, join(dataFolder, 'models'), { recursive: true });
    process.env.SYMFACE_DATA_DIR = dataFolder;
    const ports = { grpc: await freePort(), http: await freePort() };
    const service = await startService(ports.grpc, ports.http);
    const client = new SymFaceClient({ server: `127.0.0.1:${ports.grpc}`, timeoutMs: 60_000 });
    try {
      return await work(client, service);
    } finally {
      client.close();
      await service.stop();
    }
  } finally {
    delete process.env.SYMFACE_DATA_DIR;
    await rm(dataFolder, { recursive: true });
  }
}

/** A port that nothing listens on: another benchmark may run beside this one. */
async function freePort() {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address();
  server.close();
  await once(server, 'close');
  return port;
}

/** Makes LFW known to the service. @returns its name */
export async function registerLfw(client, { list, imageFolder }) {
  const { dataset } = await client.benchmark.registerDataset({
    datasetId: 'lfw',
    format: 'DATASET_FORMAT_LFW_PAIRS',
    path: list,
    imageFolder,
    imageKind: 'IMAGE_KIND_PHOTOGRAPH',
  });
  return dataset.name;
}
