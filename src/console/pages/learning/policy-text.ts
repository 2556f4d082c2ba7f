import { TrainingLoss, type TrainingPolicy } from '../../generated/symface/v1/training_pb.js';

/** The losses as a page calls them; the compiler sees to it that none of the contract's is left out. */
export const lossNames: Readonly<Record<TrainingLoss, string>> = {
  [TrainingLoss.UNSPECIFIED]: 'ArcFace (default)',
  [TrainingLoss.ARCFACE]: 'ArcFace',
  [TrainingLoss.COSFACE]: 'CosFace',
  [TrainingLoss.ADAFACE]: 'AdaFace',
  [TrainingLoss.CURRICULARFACE]: 'CurricularFace',
  [TrainingLoss.MAGFACE]: 'MagFace',
  [TrainingLoss.NORMFACE]: 'NormFace',
  [TrainingLoss.SOFTMAX]: 'Softmax',
  [TrainingLoss.SPHEREFACE]: 'SphereFace',
  [TrainingLoss.UNIFACE]: 'UniFace',
  [TrainingLoss.UNIFIEDMARGIN]: 'Unified margin',
  [TrainingLoss.UNITSFACE]: 'UniTSFace',
};

/** The settings of a training in a line, those that are stated. */
export function policyText(policy: TrainingPolicy): string {
  const { epochs, learningRate, batchSize, symmetryWeight, trainedShare, replayIdentities } = policy;
  const { headEpochs, trainedLayers } = policy;
  const parts = [
    epochs === undefined ? '' : `${epochs} ${epochs === 1 ? 'epoch' : 'epochs'}`,
    policy.loss === TrainingLoss.UNSPECIFIED ? '' : lossNames[policy.loss],
    symmetryWeight === undefined ? '' : `symmetry term × ${symmetryWeight}`,
    learningRate === undefined || policy.findLearningRate ? '' : `learning rate ${learningRate}`,
    policy.findLearningRate ? 'learning rate found' : '',
    headEpochs === undefined || headEpochs === 0 ? '' : `the head alone for ${headEpochs}`,
    trainedLayers === undefined || trainedLayers === 1 ? '' : `${trainedLayers} of the layers`,
    batchSize === undefined ? '' : `batches of ${batchSize}`,
    replayIdentities === undefined ? '' : `replay of at most ${replayIdentities} identities`,
    trainedShare === undefined ? '' : `${trainedShare} of the way`,
  ];
  return parts.filter((part) => part !== '').join(', ') || 'the defaults';
}
