import { fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';

const entryPoint = fileURLToPath(new URL('./observe-process.mjs', import.meta.url));
const progressEvery = 500;

/**
 * Shows the pictures to all detectors, in processes that share them.
 * @returns what each process sends of each picture, in the pictures' order
 */
export async function observeAll(detectors, pictures, processCount) {
  const observations = new Map();
  const startedAtMs = performance.now();
  const note = (observation) => {
    observations.set(keyOf(observation), observation);
    if (observations.size % progressEvery !== 0) return;
    const minutes = (performance.now() - startedAtMs) / 60_000;
    process.stderr.write(`${observations.size} of ${pictures.length} pictures, ${minutes.toFixed(1)} min\n`);
  };
  const shares = Array.from({ length: processCount }, (_, share) =>
    pictures.filter((_picture, index) => index % processCount === share),
  );
  await Promise.all(shares.map(async (share) => observeShare({ detectors, pictures: share }, note)));
  return pictures.map((picture) => observations.get(keyOf(picture)));
}

async function observeShare(task, note) {
  const child = fork(entryPoint, [], { serialization: 'advanced' });
  child.on('message', note);
  child.send(task);
  const [code, signal] = await once(child, 'exit');
  if (code !== 0) throw new Error(`a process that looks at pictures ended by ${signal ?? code}`);
}

function keyOf({ set, name }) {
  return `${set}\0${name}`;
}
