import type { ElementType } from '../../compiler/graph/constant.js';

/** Numbers of ONNX's TensorProto.DataType, as used in tensors and in the `Cast` operator. */
export const DATA_TYPES: Readonly<Record<ElementType, number>> = { float32: 1, int32: 6, int64: 7, bool: 9 };
