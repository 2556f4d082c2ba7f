/** Processes that run networks without a service, as many as the service has workers. */
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { ModelFiles } from '../../dist/storage/models/model-files.js';
import { ServeActiveModels } from '../../dist/service/models/serving/serve-active-models.js';

/** The pair of models that the service would serve. */
export async function activeModels({ dataFolder }) {
  const registry = new ModelFiles(dataFolder);
  return new Promise((resolve, reject) => {
    const capture = { served: undefined, serve: (pair) => Promise.resolve(resolve(pair)) };
    const active = {
      active: () => Promise.resolve(undefined),
      choose: (_kind, id) => Promise.resolve({ id, previousId: undefined, since: new Date() }),
    };
    const preferred = { backbone: 'mobilefacenet-symface', detector: 'retinaface-symface' };
    new ServeActiveModels({ registry, active, serving: capture, preferred }).execute().catch(reject);
  });
}

/** As the service sets up its workers. */
export function workerSetup(configuration, models) {
  return {
    models,
    intraOpThreads: configuration.threadsPerWorker,
    provider: configuration.servingProvider,
    maximumBatchSize: configuration.maximumBatchSize,
    imageLimits: {
      maximumBytes: configuration.maximumImageBytes,
      maximumPixels: configuration.maximumImagePixels,
    },
  };
}

/**
 * Runs a module of this folder in processes of their own, all at once.
 * @param task what each is sent, or what process `index` is sent
 * @returns what each answers
 */
export async function inEachProcess(count, module, task) {
  return Promise.all(
    Array.from({ length: count }, (_, index) =>
      inChild(module, typeof task === 'function' ? task(index) : task),
    ),
  );
}

async function inChild(module, task) {
  const child = fork(fileURLToPath(new URL(module, import.meta.url)), [], { serialization: 'advanced' });
  child.send(task);
  const [result] = await Promise.race([
    once(child, 'message'),
    once(child, 'exit').then(([code, signal]) => {
      throw new Error(`${module} ended without a result: ${signal ?? code}`);
    }),
  ]);
  if (result.error !== undefined) throw new Error(`${module}: ${result.error}`);
  return result;
}
