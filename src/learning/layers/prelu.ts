import { parametricRelu } from '../operations/parametric-relu.js';
import { composite } from './composition.js';
import type { LayerDefinition, ParameterSpec } from './layer.js';

/** x where positive, else a learnt slope of the channel times x (He et al., 2015); slopes start at 1/4. */
export const prelu: LayerDefinition = (name, input) => {
  const slopes: ParameterSpec = {
    name: `${name}.slopes`,
    shape: [input.channels],
    decayGroup: 'slopes',
    initialiser: { distribution: 'constant', value: 0.25 },
  };
  const layer = composite([], input, (x, pass) => parametricRelu(x, pass.variable(slopes.name)));
  return { ...layer, parameters: [slopes] };
};
