import * as tf from '@tensorflow/tfjs';

import type { FeatureShape, Layer, LayerDefinition } from './layer.js';

/** Layers by the last part of their name, in order. */
export type NamedLayers = Readonly<Record<string, LayerDefinition>>;

/** A layer that evaluates others: holds what they hold. */
export function composite(
  children: readonly Layer[],
  output: FeatureShape,
  forward: Layer['forward'],
): Layer {
  return {
    parameters: children.flatMap(({ parameters }) => parameters),
    statistics: children.flatMap(({ statistics }) => statistics),
    multiplyAdds: children.reduce((sum, { multiplyAdds }) => sum + multiplyAdds, 0),
    output,
    forward,
  };
}

/** One layer after the other. */
export function sequence(definitions: NamedLayers): LayerDefinition {
  return (name, input) => {
    const layers: Layer[] = [];
    let shape = input;
    for (const [part, define] of Object.entries(definitions)) {
      const layer = define(childName(name, part), shape);
      layers.push(layer);
      shape = layer.output;
    }
    return composite(layers, shape, (x, pass) =>
      layers.reduce((features, layer) => layer.forward(features, pass), x),
    );
  };
}

/** The same input through several layers, whose outputs are added. */
export function sumOf(definitions: NamedLayers): LayerDefinition {
  return (name, input) => {
    const branches = branchesOf(definitions, name, input);
    const [first] = branches;
    if (first === undefined) throw new RangeError(`${name} adds no branches`);
    return composite(branches, first.output, (x, pass) =>
      branches
        .map((branch) => branch.forward(x, pass))
        .reduce((sum, features) => tf.add<tf.Tensor4D>(sum, features)),
    );
  };
}

/** The same input through several layers, whose outputs are joined channel after channel. */
export function concatenationOf(definitions: NamedLayers): LayerDefinition {
  return (name, input) => {
    const branches = branchesOf(definitions, name, input);
    const [first] = branches;
    if (first === undefined) throw new RangeError(`${name} joins no branches`);
    const channels = branches.reduce((sum, { output }) => sum + output.channels, 0);
    return composite(branches, { ...first.output, channels }, (x, pass) =>
      tf.concat(
        branches.map((branch) => branch.forward(x, pass)),
        3,
      ),
    );
  };
}

/** Passes its input on: the shortcut of a residual block. */
export const identity: LayerDefinition = (_, input) => composite([], input, (x) => x);

function branchesOf(definitions: NamedLayers, name: string, input: FeatureShape): Layer[] {
  return Object.entries(definitions).map(([part, define]) => define(childName(name, part), input));
}

/** The network itself has the empty name. */
function childName(parent: string, part: string): string {
  return parent === '' ? part : `${parent}.${part}`;
}
