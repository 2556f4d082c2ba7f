/**
 * Where a step's time goes: sums ONNX Runtime's profile by operator and by node, each node by its fastest run.
 *
 *   node bench/train/symface-process.mjs --steps 5 --profile /tmp/step
 *   node bench/train/profile.mjs /tmp/step_*.json [number of nodes]
 */
import { readFile } from 'node:fs/promises';

const [file, nodeCount = '25'] = process.argv.slice(2);
const events = JSON.parse(await readFile(file, 'utf8'));
const nodes = new Map();
for (const { cat, name, dur, args } of events) {
  if (cat !== 'Node' || !name.endsWith('_kernel_time')) continue;
  const shapes = (args.input_type_shape ?? []).map((entry) => Object.values(entry)[0].join('x')).join(' ');
  const known = nodes.get(name);
  if (known === undefined) nodes.set(name, { operator: args.op_name, shapes, microseconds: dur });
  else known.microseconds = Math.min(known.microseconds, dur);
}
const operators = new Map();
for (const { operator, microseconds } of nodes.values()) {
  const { time = 0, count = 0 } = operators.get(operator) ?? {};
  operators.set(operator, { time: time + microseconds, count: count + 1 });
}
const total = [...operators.values()].reduce((sum, { time }) => sum + time, 0);
console.log(`${(total / 1000).toFixed(1)} ms a step`);
for (const [operator, { time, count }] of [...operators].sort((a, b) => b[1].time - a[1].time)) {
  console.log(line(time, `${count}x ${operator}`));
}
const slowest = [...nodes].sort((a, b) => b[1].microseconds - a[1].microseconds);
for (const [name, { microseconds, shapes }] of slowest.slice(0, Number(nodeCount))) {
  console.log(line(microseconds, `${name.replace('_kernel_time', '')} ${shapes}`));
}

function line(microseconds, text) {
  const share = ((100 * microseconds) / total).toFixed(1).padStart(5);
  return `${(microseconds / 1000).toFixed(2).padStart(9)} ms ${share} % ${text}`;
}
