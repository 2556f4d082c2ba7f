/** What networks are put together of: `layers` of `symface/learning`. */
export { batchNorm, type BatchNormOptions, normalised } from './batch-norm.js';
export { channelShuffle } from './channel-shuffle.js';
export { concatenationOf, identity, sequence, sumOf } from './composition.js';
export { convolution, type ConvolutionOptions } from './convolution.js';
export { dropout } from './dropout.js';
export type { FeatureShape, Initialiser, Layer, LayerDefinition, ParameterSpec } from './layer.js';
export { leakyRelu } from './leaky-relu.js';
export { linear } from './linear.js';
export { numbered } from './numbered.js';
export { prelu } from './prelu.js';
export { splitSizes, splitThrough } from './split-convolution.js';
export { squeezeExcitation, type SqueezeExcitationOptions } from './squeeze-excitation.js';
export { subsample } from './subsample.js';
export { swish } from './swish.js';
