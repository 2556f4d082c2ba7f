import type { InputSize } from '../backbones/backbone.js';
import type { ImportOptions } from './import-backbone.js';
import type { GraphPort } from '../../onnx/onnx-graph.js';

/**
 * Layout and extents of the images that a graph takes, from the shape of its input.
 * @param openSize of the images where the graph leaves it open
 */
export function graphImageInput(
  port: GraphPort | undefined,
  openSize: InputSize,
): Pick<ImportOptions['input'], 'layout' | 'height' | 'width'> {
  const [, first, second, third] = port?.shape ?? [];
  const layout = third === 3 && first !== 3 ? 'NHWC' : 'NCHW';
  const [height, width] = layout === 'NHWC' ? [first, second] : [second, third];
  return { layout, height: height ?? openSize.height, width: width ?? openSize.width };
}
