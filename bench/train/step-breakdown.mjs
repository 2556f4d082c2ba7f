/**
 * Where the time of a step goes, by wrapping what an engine calls: the network, waiting for the other processes, the sums themselves, the descent. A short sum before
 * each real one ends when all are there, so that the two are told apart.
 */
import { CompiledGradients } from '../../dist/learning/engines/compiled-gradients.js';
import { HostSgd } from '../../dist/learning/step/host-sgd.js';
import { MpiProcesses } from '../../dist/training/parallel/mpi-processes.js';

const parts = new Map();

/** Begins to measure. @returns a function that tells [median, least] milliseconds of a step by part, and begins anew */
export function measureParts() {
  wrapLater(CompiledGradients.prototype, 'run', 'network');
  wrapLater(MpiProcesses.prototype, 'sum', 'sums', async (processes, sum) => {
    const start = performance.now();
    await sum.call(processes, [Float32Array.of(0)]);
    add('waiting', performance.now() - start);
  });
  wrapNow(HostSgd.prototype, 'norm', 'norm');
  wrapNow(HostSgd.prototype, 'sgdStep', 'descent');
  return () => {
    const told = Object.fromEntries(
      [...parts].map(([name, values]) => {
        const sorted = values.toSorted((a, b) => a - b);
        return [name, [sorted[Math.floor(sorted.length / 2)], sorted[0]].map((ms) => Number(ms.toFixed(2)))];
      }),
    );
    parts.clear();
    return told;
  };
}

function add(part, ms) {
  const values = parts.get(part) ?? [];
  values.push(ms);
  parts.set(part, values);
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

function wrapLater(prototype, name, part, before = async () => undefined) {
  const own = prototype[name];
  prototype[name] = async function (...values) {
    await before(this, own);
    const start = performance.now();
    const result = await own.apply(this, values);
    add(part, performance.now() - start);
    return result;
  };
}
