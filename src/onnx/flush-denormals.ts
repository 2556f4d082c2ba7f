/**
 * What a session's `extra` must have for numbers below 1e-38 to count as 0. Processors compute with them up to a hundred
 * times as slowly, and weight decay makes weights as small.
 *
 * ONNX Runtime sets the thread that makes sessions once a process, as the first session asks: all that a process makes must
 * ask for the same. What sessions start threads for follows its own session.
 */
export const flushDenormals = { session: { set_denormal_as_zero: '1' } } as const;
