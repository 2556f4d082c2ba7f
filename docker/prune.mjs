// node docker/prune.mjs, in the folder of an installed and built SymFace: removes from node_modules and dist what Node on
// this machine never loads, which is more than half of them: ONNX Runtime for other systems, source maps, declarations of
// types, and builds for browsers. Licences stay.
import { readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';

const runtimes = 'node_modules/onnxruntime-node/bin/napi-v6';
for (const platform of readdirSync(runtimes)) {
  for (const architecture of readdirSync(join(runtimes, platform))) {
    if (platform === process.platform && architecture === process.arch) continue;
    rmSync(join(runtimes, platform, architecture), { recursive: true });
  }
}

for (const folder of [
  'node_modules/typeorm/browser',
  'node_modules/rxjs/src',
  'node_modules/rxjs/dist/bundles',
])
  rmSync(folder, { recursive: true, force: true });
for (const file of filesBelow('node_modules/@opentelemetry')) {
  if (/\/build\/(?:esm|esnext)\//u.test(file)) rmSync(file);
}
// Node loads one file of each of these packages, and that is whole.
for (const file of filesBelow('node_modules/@tensorflow')) {
  if (
    /^node_modules\/@tensorflow\/[^/]+\/.*(?<!\.node)\.js$/u.test(file) &&
    !file.includes('/tfjs-core/node_modules/')
  )
    rmSync(file);
}

const neverLoaded = /(?:\.map|\.d\.[cm]?ts|\.tsbuildinfo)$/u;
for (const folder of ['node_modules', 'dist']) {
  for (const file of filesBelow(folder)) if (neverLoaded.test(file)) rmSync(file);
}

function filesBelow(folder) {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name));
}
