import { leakyRelu as activate } from '../operations/leaky-relu.js';
import { composite } from './composition.js';
import type { LayerDefinition } from './layer.js';

/** x where positive, else a slope times x that is not learnt; 0 is ReLU. */
export function leakyRelu(slope: number): LayerDefinition {
  return (_, input) => composite([], input, (x) => activate(x, slope));
}
