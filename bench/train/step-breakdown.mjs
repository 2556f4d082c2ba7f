/**
 * Where the time of a step goes, by wrapping what an engine calls: the network, waiting for the other processes, what is exchanged (sums, then weights), norm and descent. A
 * short sum before each exchange ends when all are there, so that waiting is told apart.
 */
import { CompiledGradients } from '../../dist/learning/engines/compiled-gradients.js';
import { HostSgd } from '../../dist/learning/step/host-sgd.js';
import { MpiProcesses } from '../../dist/training/parallel/mpi-processes.js';

/** Milliseconds of the step in hand, and of those before, by part. */
const current = new Map();
const steps = new Map();

/** Begins to measure. */
export function measureParts() {
  const { sum } = MpiProcesses.prototype;
  const wait = async (processes) => {
    const start = performance.now();
    await sum.call(processes, [Float32Array.of(0)]);
    add('waiting', performance.now() - start);
  };
  wrapLater(CompiledGradients.prototype, 'run', 'network');
  wrapLater(MpiProcesses.prototype, 'sum', 'sums', wait);
  wrapLater(MpiProcesses.prototype, 'sumShare', 'sums', wait);
  wrapLater(MpiProcesses.prototype, 'gather', 'weights', wait);
  wrapNow(HostSgd.prototype, 'norm', 'norm');
  wrapNow(HostSgd.prototype, 'sgdStep', 'descent');
}

export function endStep() {
  for (const [part, ms] of current) steps.set(part, [...(steps.get(part) ?? []), ms]);
  current.clear();
}

/** @returns [median, least] milliseconds of a step by part; those of steps that do not count are forgotten before */
export function partsOfSteps() {
  const told = [...steps].map(([part, values]) => {
    const sorted = values.toSorted((a, b) => a - b);
    return [part, [sorted[Math.floor(sorted.length / 2)], sorted[0]].map((ms) => Number(ms.toFixed(2)))];
  });
  steps.clear();
  return Object.fromEntries(told);
}

function add(part, ms) {
  current.set(part, (current.get(part) ?? 0) + ms);
}

function wrapNow(prototype, name, part) {
  const own = prototype[name];
  prototype[name] = function (...values) {
    const start = performance.now();
    const result = own.apply(this, values);
    add(part, performance.now() - start);
    return result;
  };
}

/** @param {(processes) => Promise<void>} before */
function wrapLater(prototype, name, part, before = async () => {}) {
  const own = prototype[name];
  prototype[name] = async function (...values) {
    await before(this);
    const start = performance.now();
    const result = await own.apply(this, values);
    add(part, performance.now() - start);
    return result;
  };
}
