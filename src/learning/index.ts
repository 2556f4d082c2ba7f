/** The package's `symface/learning` (docs/libraries/learning.md): networks, losses, 3PSS and training steps as tfjs functions. */

// Faces: frontness and the halves of 3PSS.
export { type AlignmentTemplate, arcFaceTemplate } from '../core/faces/alignment-template.js';
export { alignCrop, landmarksInCrop } from '../core/faces/aligned-crop.js';
export { frontness, isSymmetric, noseOffsetPixels } from '../core/faces/frontness.js';
export type { Landmarks, Point } from '../core/faces/landmarks.js';
export { type FaceHalves, splitHalves } from '../core/faces/split-halves.js';
export { mirror } from '../core/images/mirror.js';
export type { RgbImage } from '../core/images/rgb-image.js';

// Backbones, and their weights.
export {
  type Backbone,
  type BackboneArchitecture,
  type BackboneOptions,
  type BackboneOutput,
  createBackbone,
  type InputSize,
} from './backbones/backbone.js';
export { BACKBONE_ARCHITECTURES, backboneArchitecture } from './backbones/catalogue.js';
export { compileServingGraph } from './backbones/serving-graph.js';
export * as layers from './layers/index.js';
export type { ForwardMode, Variables } from './layers/forward-pass.js';
export type { WeightArray, Weights } from '../core/models/weights.js';
export { backboneVariables, backboneWeights } from './weights/backbone-variables.js';
export { initialWeights } from './weights/initial-weights.js';

// Losses, and what losses of one's own are made of.
export {
  type ClassCosines,
  classCosines,
  meanCrossEntropy,
  withTargetCosines,
} from './losses/class-logits.js';
export { defineFaceLoss, type DefinedFaceLoss } from './losses/define-face-loss.js';
export { distillationLoss } from './losses/distillation.js';
export { adaFace } from './losses/face/ada-face.js';
export { arcFace, LIGHTWEIGHT_ARC_FACE } from './losses/face/arc-face.js';
export { cosFace } from './losses/face/cos-face.js';
export { curricularFace } from './losses/face/curricular-face.js';
export { magFace } from './losses/face/mag-face.js';
export { normFace } from './losses/face/norm-face.js';
export { softmax } from './losses/face/softmax.js';
export { ANNEALED_SPHERE_FACE, sphereFace } from './losses/face/sphere-face.js';
export { uniFace } from './losses/face/uni-face.js';
export { uniTsFace } from './losses/face/uni-ts-face.js';
export { unifiedMargin } from './losses/face/unified-margin.js';
export {
  type FaceLoss,
  type FaceLossBatch,
  type FaceLossResult,
  type FaceLossState,
  statistic,
  trainedScalar,
} from './losses/face-loss.js';
export { createFaceLoss, FACE_LOSS_NAMES, type FaceLossName } from './losses/face-losses.js';
export { type Hyperparameter, type HyperparameterValues, SCALE } from './losses/hyperparameter.js';
export {
  type SymFaceBatch,
  symFaceLoss,
  type SymFaceOptions,
  type SymFaceResult,
} from './losses/sym-face.js';
export {
  defineSymmetryTerm,
  type DefinedSymmetryTerm,
  type SplitFaceEmbeddings,
  type SymmetryTerm,
} from './losses/symmetry-term.js';
export { createSymmetryTerm, SYMMETRY_TERM_NAMES, type SymmetryTermName } from './losses/symmetry-terms.js';

// The sampler: which faces an epoch splits, and its batches.
export {
  EpochSamples,
  EpochSampler,
  type EpochSamplerOptions,
  type FacePart,
  type SampleBatch,
  type FaceSample,
} from './sampler/epoch-sampler.js';
export type { TrainingCrop } from './sampler/face-sample.js';
export { type LabelledFaces, trainingBatch } from './sampler/planned-batch.js';
export type { BatchShape, TrainingBatch } from './sampler/training-batch.js';

// Steps and runs.
export { EagerTrainingEngine } from './engines/eager-training-engine.js';
export type { OrtEngineOptions } from './engines/ort-engine-options.js';
export { OrtTrainingEngine } from './engines/ort-training-engine.js';
export type { ExecutionProvider } from '../onnx/execution-provider.js';
export { backboneWeightsOf, type SgdOptions, type TrainingSpec } from './step/training-spec.js';
export { initialState } from './step/initial-state.js';
export type { LearningRateSchedule } from './step/learning-rate.js';
export type { Accumulation, StepReport, TrainingEngine, TrainingState } from './step/training-engine.js';
export {
  runTraining,
  type StepProgress,
  type SuppliedBatch,
  TRAINING_START,
  type DataLoader,
  type TrainingPosition,
  type TrainingRunDependencies,
  type TrainingRunPlan,
} from './step/training-run.js';

/** The failures that are thrown: `reason` says which (docs/errors.md). */
export { Failure } from '../core/failure.js';
