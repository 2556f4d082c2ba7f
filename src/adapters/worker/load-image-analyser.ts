import { ImageAnalyser } from '../../application/analyse-image/image-analyser.js';
import { createPngEncoder } from '../image/png-encoder.js';
import { SharpImageDecoder } from '../image/sharp-image-decoder.js';
import { createFaceDetector } from '../onnx/detectors/create-face-detector.js';
import { OnnxFaceEmbedder } from '../onnx/onnx-face-embedder.js';
import { verifyBundle } from '../storage/verify-bundle.js';
import { MicroBatchingEmbedder } from './micro-batching-embedder.js';
import type { WorkerSetup } from './worker-protocol.js';
