import * as tf from '@tensorflow/tfjs';

import { classCosines } from '../class-logits.js';
import { defineFaceLoss } from '../define-face-loss.js';
import { trainedScalar } from '../face-loss.js';
import { SCALE } from '../hyperparameter.js';
import { maskedMean } from '../masked-mean.js';
import { thresholdLosses } from '../unified-threshold.js';

const BIAS = 'bias';

/**
 * UniFace's unified cross entropy (Zhou et al., ICCV 2023): one threshold tells all samples from all other classes, where
 * softmax has one for each sample. Each class is a binary decision; the losses of all classes are added.
 *
 * b = log 10C + β for C classes; β, which begins at 0, is trained along with the class weights. Its authors train b itself,
 * beginning there: the same, but that weight decay draws b to 0 there and to its beginning here. They also hold logits
 * to ±s, for half floats, and offer to draw a part of the other classes (r), which is not done here.
 */
export const uniFace = defineFaceLoss(
  {
    name: 'uniface',
    source: 'Zhou et al. 2023, ICCV, "UniFace: Unified Cross-Entropy Loss for Deep Face Recognition"',
    hyperparameters: {
      scale: SCALE,
      marginCosine: { meaning: "m, taken off the own class's cosine", default: 0.4, minimum: 0, maximum: 2 },
      negativeWeight: { meaning: 'λ, the weight of the other classes', default: 1, minimum: 0, maximum: 1e6 },
    },
  },
  ({ scale, marginCosine, negativeWeight }) => ({
    initialState: {},
    scalars: [BIAS],
    headInitialiser: { distribution: 'unit-columns' },
    compute: (batch, state) =>
      tf.tidy(() => {
        const { cosines, targets } = classCosines(batch);
        const bias = tf.add<tf.Scalar>(trainedScalar(batch, BIAS), Math.log(10 * batch.weight.shape[1]));
        const { samePerson, otherPerson } = thresholdLosses(cosines, { scale, marginCosine, bias });
        const others = tf.mul(tf.mul(otherPerson, tf.sub(1, targets)), negativeWeight);
        const losses = tf.sum<tf.Tensor1D>(tf.add(tf.mul(samePerson, targets), others), 1);
        return { loss: maskedMean(losses, batch.sampleMask), state };
      }),
  }),
);
