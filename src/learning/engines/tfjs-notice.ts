import * as tf from '@tensorflow/tfjs';

/**
 * At its first use tfjs' CPU backend advises to install another one, in eight lines of stderr: nothing to a compiled run.
 * The flag that silences it also leaves out checks of arguments, so it is set for that first use only.
 */
export function suppressTfjsNotice(): void {
  const before = tf.env().getBool('PROD');
  tf.env().set('PROD', true);
  tf.scalar(0).dispose();
  tf.env().set('PROD', before);
}
