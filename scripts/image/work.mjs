// The worker's image: it has what trainings need, and wants a database.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startContainer } from './container.mjs';

export async function work(root, tag) {
  const [data, secrets] = ['data', 'secrets'].map((name) =>
    mkdtempSync(join(tmpdir(), `symface-image-${name}-`)),
  );
  const run = async (options) => startContainer(root, tag, { data, secrets }, options).ended;
  try {
    const preparing = await run({ entryPoint: ['node', 'dist/cli/main.js'], command: ['prepare'] });
    if (preparing.code !== 0) throw new Error(`"prepare" ended with ${preparing.code}: tfjs is not whole`);
    const { code } = await run({});
    if (code !== 2) throw new Error(`without DATABASE_URL the worker ended with ${code}`);
  } finally {
    for (const folder of [data, secrets]) rmSync(folder, { recursive: true });
  }
}
