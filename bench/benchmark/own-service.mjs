/** A service with a data folder of its own: nothing was measured in it before. */
import { SymFaceClient } from '../../dist/client/symface-client.js';
import { freePort, newDataFolder, startService } from '../serve/service-process.mjs';

/**
 * Starts it with the models that were prepared in this checkout, and runs `work`; then all of it is gone. Several may run at once.
 * @param work (client, service), the service with its `dataFolder`
 * @param settings variables of its environment
 */
export async function withOwnService(work, settings = {}) {
  const data = await newDataFolder();
  try {
    const ports = { grpc: await freePort(), http: await freePort() };
    const environment = { ...settings, SYMFACE_DATA_DIR: data.folder };
    const service = {
      ...(await startService(ports.grpc, ports.http, environment)),
      dataFolder: data.folder,
    };
    const client = new SymFaceClient({ server: `127.0.0.1:${ports.grpc}`, timeoutMs: 60_000 });
    try {
      return await work(client, service);
    } finally {
      client.close();
      await service.stop();
    }
  } finally {
    await data.remove();
  }
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
