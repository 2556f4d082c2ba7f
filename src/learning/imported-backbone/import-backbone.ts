import * as tf from '@tensorflow/tfjs';

import { Failure } from '../../core/failure.js';
import type { BackboneManifest } from '../../core/models/manifest.js';
import type { Weights } from '../../core/models/weights.js';
import type { Backbone } from '../backbones/backbone.js';
import { ForwardPass, type ForwardMode, type Variables } from '../layers/forward-pass.js';
import { evaluateNodes } from './evaluate-graph.js';
import { boundedEffort, prepareGraph, type PreparedGraph } from './graph-preparation.js';
import type { GraphValue } from './graph-value.js';
import { modelInput } from './model-input.js';
import {
  knownExtents,
  operatorName,
  requiredInputs,
  shown,
  type Graph,
  type ValueInfo,
} from '../../onnx/graph.js';
import { withoutDenormals } from '../../onnx/without-denormals.js';
import type { Effort } from './operator-call.js';
import { bindVariables, type VariableBindings } from './variable-bindings.js';

export interface ImportOptions {
  readonly name: string;
  /** The origin of the graph, for messages. */
  readonly source: string;
  /** What the graph takes, as the model's manifest says. */
  readonly input: BackboneManifest['input'];
  /** The embedding size of the manifest; where it is given, the graph must have it. */
  readonly embeddingSize?: number;
}

export interface ImportedBackbone {
  readonly backbone: Backbone;
  /** The file's own, by the names of `backbone.parameters` and `backbone.statistics`. */
  readonly weights: Weights;
  /** How many nodes of each operator are evaluated, the most frequent first. */
  readonly operators: ReadonlyMap<string, number>;
}

/** A graph as it is evaluated for each batch. */
interface Evaluator {
  readonly graph: PreparedGraph;
  readonly variables: VariableBindings;
  readonly options: ImportOptions;
  readonly declaredBatchSize: number | undefined;
}

const UNCOUNTED: Effort = { value: () => undefined, multiplyAdds: () => undefined };

/**
 * Turns an ONNX graph that embeds images into a backbone that can be trained. The backbone takes images as all of this
 * project's do, [B, H, W, 3] RGB, (x - 127.5) / 128, whatever the graph takes. Parameters keep their ONNX shapes.
 *
 * @throws Failure MODEL_INVALID where the graph is no such network, does not fit the manifest, or has an operator or
 *   attribute without a rule, which is named with its node
 */
export function importBackbone(graph: Graph, options: ImportOptions): ImportedBackbone {
  const prepared = prepareGraph(withoutDenormals(graph));
  const declaredBatchSize = requireImageInput(requiredInputs(graph)[0], options.input);
  const variables = bindVariables(prepared.nodes, prepared.constants);
  const evaluator: Evaluator = { graph: prepared, variables, options, declaredBatchSize };
  const { embeddingSize, multiplyAdds } = measure(evaluator);
  if (options.embeddingSize !== undefined && options.embeddingSize !== embeddingSize) {
    throw invalid(
      `the graph's embedding has ${embeddingSize} numbers, the manifest says ${options.embeddingSize}`,
    );
  }
  const { parameters, statistics, weights } = variables;
  const backbone: Backbone = {
    name: options.name,
    source: options.source,
    inputSize: { height: options.input.height, width: options.input.width },
    embeddingSize,
    parameters,
    statistics,
    parameterCount: parameters.reduce((sum, { shape }) => sum + tf.util.sizeFromShape([...shape]), 0),
    multiplyAdds,
    // A node that drops features passes them on: its place in the graph is another than the layers' mask is for.
    dropoutRate: undefined,
    droppedShape: undefined,
    forward: (images, given, mode) => forward(evaluator, images, given, mode),
  };
  return { backbone, weights, operators: countOperators(prepared) };
}

function forward(
  evaluator: Evaluator,
  images: tf.Tensor4D,
  variables: Variables,
  mode: ForwardMode,
): ReturnType<Backbone['forward']> {
  const pass = new ForwardPass(variables, mode);
  const output = evaluate(evaluator, images, pass).inOnnxOrder();
  const [batch = 0, ...features] = output.shape;
  const embeddings = tf.reshape<tf.Rank.R2>(output, [batch, tf.util.sizeFromShape(features)]);
  return { embeddings, statistics: pass.updatedStatistics };
}

/** @param effort where given, the graph is being imported */
function evaluate(
  { graph, variables, options, declaredBatchSize }: Evaluator,
  images: tf.Tensor4D,
  pass: ForwardPass,
  effort?: Effort,
): GraphValue {
  const values = new Map([[graph.input, modelInput(images, options.input)]]);
  evaluateNodes(graph.nodes, values, graph.constants, {
    isImport: effort !== undefined,
    pass,
    batchSize: images.shape[0],
    declaredBatchSize,
    variableName: (node, input) => variables.nameOf(node, input),
    effort: effort ?? UNCOUNTED,
  });
  const output = values.get(graph.output);
  if (output === undefined) throw invalid(`the node that should compute ${graph.output} does not`);
  return output;
}

/** Evaluates an empty batch, which finds the shapes and counts the work without doing any. */
function measure(evaluator: Evaluator): { readonly embeddingSize: number; readonly multiplyAdds: number } {
  const { height, width } = evaluator.options.input;
  return tf.tidy(() => {
    let multiplyAdds = 0;
    const effort = boundedEffort((count) => {
      multiplyAdds += count;
    });
    const variables = Object.fromEntries(
      Array.from(evaluator.variables.weights, ([name, { shape, values }]) => [
        name,
        tf.tensor(values, [...shape]),
      ]),
    );
    const pass = new ForwardPass(variables, { normalisation: 'frozen' });
    const output = evaluate(evaluator, tf.tensor4d([], [0, height, width, 3]), pass, effort);
    const [batch, ...features] = output.shape;
    const embeddingSize = tf.util.sizeFromShape(features);
    if (batch !== 0 || features.length === 0 || embeddingSize === 0) {
      throw invalid(`the graph's output of shape [${output.shape.join(', ')}] is no embedding of each image`);
    }
    return { embeddingSize, multiplyAdds };
  });
}

/** @returns the batch size that the graph is made for, if it is made for one */
function requireImageInput(image: ValueInfo | undefined, input: ImportOptions['input']): number | undefined {
  const [batch, ...extents] = image === undefined ? [] : knownExtents(image);
  const { layout, height, width } = input;
  const expected = layout === 'NCHW' ? [3, height, width] : [height, width, 3];
  const fits =
    extents.length === 3 &&
    extents.every((extent, axis) => extent === undefined || extent === expected[axis]);
  if (fits) return batch;
  const found = [batch, ...extents].map((extent) => extent ?? '?').join(', ');
  throw invalid(
    `input ${shown(image?.name ?? '')} has the shape [${shown(found)}], the manifest says ${layout} [1, ${expected.join(', ')}]`,
  );
}

function countOperators({ nodes }: PreparedGraph): ReadonlyMap<string, number> {
  const counts = new Map<string, number>();
  for (const node of nodes) {
    const name = operatorName(node);
    counts.set(name, (counts.get(name) ?? 0) + 1);
  }
  return new Map([...counts].sort(([, a], [, b]) => b - a));
}

function invalid(message: string): Failure {
  return new Failure('MODEL_INVALID', message);
}
