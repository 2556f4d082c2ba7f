import type { MirrorPadAttrs, PadV2Attrs } from '@tensorflow/tfjs';

import { inPhysicalOrder } from '../graph/axis-order.js';
import type { GraphBuilder } from '../graph/graph-builder.js';
import type { TracedValue } from '../graph/traced-value.js';
import { gatherPositions } from './indexing.js';
import type { Inputs, KernelRules } from './kernel-rule.js';

type Paddings = readonly (readonly [number, number])[];

function paddedShape(x: TracedValue, paddings: Paddings): number[] {
  return x.shape.map((extent, axis) => {
    const [before, after] = paddings[axis] ?? [0, 0];
    return before + extent + after;
  });
}

/** ONNX lists the paddings before all axes, then those after. */
function paddingInput(graph: GraphBuilder, x: TracedValue, paddings: Paddings): string {
  const physical = inPhysicalOrder(paddings, x.order);
  return graph.integers([...physical.map(([before]) => before), ...physical.map(([, after]) => after)]);
}

function pad(graph: GraphBuilder, x: TracedValue, paddings: Paddings, constantValue: number): TracedValue {
  const inputs = [x.name, paddingInput(graph, x, paddings), graph.scalar(constantValue, x.elementType)];
  return { ...x, name: graph.node('Pad', inputs), shape: paddedShape(x, paddings) };
}

/** Mirrors including the border elements, which ONNX cannot: picks the mirrored positions axis by axis. */
function padSymmetrically(graph: GraphBuilder, x: TracedValue, paddings: Paddings): TracedValue {
  return paddings.reduce((value, [before, after], axis) => {
    if (before === 0 && after === 0) return value;
    const extent = value.shape[axis] ?? 1;
    const positions = Array.from({ length: before + extent + after }, (_, index) => {
      const offset = index - before;
      if (offset < 0) return -1 - offset;
      return offset < extent ? offset : 2 * extent - 1 - offset;
    });
    return gatherPositions(graph, value, axis, positions);
  }, x);
}

export const PADDING_RULES: KernelRules = {
  PadV2: ({ x }: Inputs<'x'>, { paddings, constantValue }: PadV2Attrs, graph) =>
    pad(graph, x, paddings, constantValue),
  MirrorPad: ({ x }: Inputs<'x'>, { paddings, mode }: MirrorPadAttrs, graph) => {
    if (mode === 'symmetric') return padSymmetrically(graph, x, paddings);
    const name = graph.node('Pad', [x.name, paddingInput(graph, x, paddings)], { mode: 'reflect' });
    return { ...x, name, shape: paddedShape(x, paddings) };
  },
};
