// The worker's image: it has what trainings need, and wants a database.
import { startContainer, withFolders } from './container.mjs';

export async function work(root, tag) {
  await withFolders(async (folders) => {
    const run = async (options) => startContainer(root, tag, folders, options).ended;
    // Compiles networks with tfjs, and has ONNX Runtime check them.
    const preparing = await run({ command: ['prepare', '--precision', 'int8'] });
    if (preparing.code !== 0) throw new Error(`"prepare" ended with ${preparing.code}: tfjs is not whole`);
    const { code } = await run();
    if (code !== 2) throw new Error(`without DATABASE_URL the worker ended with ${code}`);
  });
}
