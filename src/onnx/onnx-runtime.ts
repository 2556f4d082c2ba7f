/** ONNX Runtime, which is loaded through this module only: its telemetry must be switched off before. */
import './telemetry-off.js';

export { InferenceSession, Tensor } from 'onnxruntime-node';
