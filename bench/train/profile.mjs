/** Sums ONNX Runtime's profile of one process by operator and by node: node bench/train/profile.mjs FILE [nodes]. */
import { readFile } from 'node:fs/promises';

const [file, nodeCount = '25'] = process.argv.slice(2);
const events = JSON.parse(await readFile(file, 'utf8'));
const runs = events.filter(({ name }) => name === 'model_run').length;
const byOperator = new Map();
const byNode = new Map();
for (const { cat, name, dur, args } of events) {
  if (cat !== 'Node' || !name.endsWith('_kernel_time')) continue;
  const shapes = (args.input_type_shape ?? []).map((entry) => Object.values(entry)[0].join('x')).join(' ');
  add(byOperator, args.op_name, dur);
  add(byNode, `${name.replace('_kernel_time', '')} ${shapes}`, dur);
}
print(byOperator, 40);
print(byNode, Number(nodeCount));

function add(sums, key, microseconds) {
  const { time = 0, count = 0 } = sums.get(key) ?? {};
  sums.set(key, { time: time + microseconds, count: count + 1 });
}

function print(sums, limit) {
  const total = [...sums.values()].reduce((sum, { time }) => sum + time, 0);
  console.log(`\n${(total / runs / 1000).toFixed(1)} ms a run`);
  for (const [key, { time, count }] of [...sums].sort((a, b) => b[1].time - a[1].time).slice(0, limit)) {
    const milliseconds = (time / runs / 1000).toFixed(2).padStart(9);
    console.log(
      `${milliseconds} ms ${((100 * time) / total).toFixed(1).padStart(5)} % ${Math.round(count / runs)}x ${key}`,
    );
  }
}
