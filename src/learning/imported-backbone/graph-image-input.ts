import type { InputSize } from '../backbones/backbone.js';
import type { ImportOptions } from './import-backbone.js';
import { knownExtents, requiredInputs, type Graph } from '../../onnx/graph.js';

/**
 * Layout and extents of the images that a graph takes, from the shape of its input.
 * @param openSize of the images where the graph leaves it open
 */
export function graphImageInput(
  graph: Graph,
  openSize: InputSize,
): Pick<ImportOptions['input'], 'layout' | 'height' | 'width'> {
  const [input] = requiredInputs(graph);
  const [, first, second, third] = input === undefined ? [] : knownExtents(input);
  const layout = third === 3 && first !== 3 ? 'NHWC' : 'NCHW';
  const [height, width] = layout === 'NHWC' ? [first, second] : [second, third];
  return { layout, height: height ?? openSize.height, width: width ?? openSize.width };
}
