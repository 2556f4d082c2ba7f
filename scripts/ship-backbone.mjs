/**
 * Makes a trained model one that comes with SymFace: its weights in half precision, and its manifest with a threshold and a
 * self-check of the rounded weights, in models/NAME (docs/models/). After `npm run build`; then measure
 * models/NAME/activation-ranges.json (scripts/measure-activation-ranges.mjs).
 *
 *   node scripts/ship-backbone.mjs RUNS/base/mean/model --design mobilefacenet --name NAME --license TEXT \
 *     --threshold 0.3 --description TEXT
 */
import { createHash } from 'node:crypto';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parseArgs } from 'node:util';

import { readSafetensors, writeSafetensors } from '../dist/storage/weights/safetensors.js';
import { selfCheckFor } from '../dist/training/export/self-check-embeddings.js';
import { compileServingGraph } from '../dist/learning/backbones/serving-graph.js';
import { createBackbone } from '../dist/learning/backbones/backbone.js';
import { backboneArchitecture } from '../dist/learning/backbones/catalogue.js';

const { values: options, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    name: { type: 'string' },
    design: { type: 'string' },
    license: { type: 'string' },
    threshold: { type: 'string' },
    description: { type: 'string' },
  },
});
const [model] = positionals;
const { name, design, license, threshold, description } = options;
if (model === undefined || name === undefined || design === undefined || license === undefined)
  throw new Error('name the folder of a trained model, --design (symface backbones), --name and --license');
if ((threshold === undefined) !== (description === undefined))
  throw new Error('a --threshold needs a --description of how it was found, and the other way round');

const trained = JSON.parse(await readFile(join(model, 'manifest.json'), 'utf8'));
delete trained.graph;
const described = {
  ...trained,
  displayName: name,
  license,
  ...(threshold && { similarityThreshold: { similarity: Number(threshold), description } }),
};
const exact = readSafetensors(await readFile(join(model, 'weights.safetensors')));
const file = writeSafetensors(exact, { source: trained.source, license }, 'F16');
const weights = readSafetensors(file);
const backbone = createBackbone(backboneArchitecture(design), {
  inputSize: trained.input,
  embeddingSize: trained.embedding.dimension,
});
const graph = compileServingGraph(backbone, weights);
const graphFile = { fileName: 'backbone.onnx', sha256: createHash('sha256').update(graph).digest('hex') };
const selfCheck = await selfCheckFor({ backbone, weights }, graph, { ...described, graph: graphFile });
const shipped = {
  weightsSha256: createHash('sha256').update(file).digest('hex'),
  design,
  manifest: { ...described, selfCheck },
};
const folder = join('models', name);
await mkdir(folder, { recursive: true });
await writeFile(join(folder, 'weights.safetensors'), file);
await writeFile(join(folder, 'shipped.json'), `${JSON.stringify(shipped, null, 1)}\n`);
console.log(`${folder}: ${file.length} bytes, SHA-256 ${shipped.weightsSha256}`);
