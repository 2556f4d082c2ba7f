/*
 * SPDX-License-Identifier: Apache-2.0
 *
 * Copyright (c) ONNX Project Contributors.
 *
 * The part of the ONNX model schema that is read and written here: message names, field names and
 * field numbers are those of onnx/onnx.proto (https://github.com/onnx/onnx), IR version 8. Changed
 * from the original: messages and fields that nothing here looks at (documentation, training info,
 * functions, sparse and quantised tensors, sub-graphs, maps, sequences) are left out.
 *
 * Licensed under the Apache License, Version 2.0 (the "License"); you may not use this file except in
 * compliance with the License. You may obtain a copy of the License at
 *
 *     http://www.apache.org/licenses/LICENSE-2.0
 *
 * Unless required by applicable law or agreed to in writing, software distributed under the License is
 * distributed on an "AS IS" BASIS, WITHOUT WARRANTIES OR CONDITIONS OF ANY KIND, either express or
 * implied. See the License for the specific language governing permissions and limitations under the
 * License.
 */
import { kept, message, numbers, optional, repeated } from './protobuf-messages.js';
import { BYTES, DOUBLE, FLOAT, INTEGER, TEXT } from './protobuf-values.js';

const OPERATOR_SET_ID = message({ domain: optional(1, TEXT), version: optional(2, INTEGER) });

export const TENSOR = message({
  dims: numbers(1, INTEGER),
  dataType: optional(2, INTEGER),
  segment: optional(3, BYTES),
  floatData: numbers(4, FLOAT),
  int32Data: numbers(5, INTEGER),
  int64Data: numbers(7, INTEGER),
  name: optional(8, TEXT),
  rawData: optional(9, BYTES),
  doubleData: numbers(10, DOUBLE),
  uint64Data: numbers(11, INTEGER),
  externalData: repeated(13, BYTES),
  dataLocation: optional(14, INTEGER),
});

export const ATTRIBUTE = message({
  name: optional(1, TEXT),
  f: optional(2, FLOAT),
  i: optional(3, INTEGER),
  s: optional(4, TEXT),
  t: optional(5, TENSOR),
  /** A GRAPH, whose nodes have attributes in turn. */
  g: optional(6, BYTES),
  floats: numbers(7, FLOAT),
  ints: numbers(8, INTEGER),
  type: optional(20, INTEGER),
});

/** Numbers of AttributeProto.AttributeType. */
export const ATTRIBUTE_TYPES = {
  float: 1,
  integer: 2,
  text: 3,
  tensor: 4,
  graph: 5,
  floats: 6,
  integers: 7,
} as const;

/** Number of TensorProto.DataLocation. */
export const EXTERNAL_LOCATION = 1;

export const NODE = message({
  input: repeated(1, TEXT),
  output: repeated(2, TEXT),
  name: optional(3, TEXT),
  opType: optional(4, TEXT),
  attribute: repeated(5, kept(ATTRIBUTE)),
  domain: optional(7, TEXT),
});

const DIMENSION = message({ dimValue: optional(1, INTEGER), dimParam: optional(2, TEXT) });
const TENSOR_SHAPE = message({ dim: repeated(1, DIMENSION) });
const TENSOR_TYPE = message({ elemType: optional(1, INTEGER), shape: optional(2, TENSOR_SHAPE) });
const TYPE = message({ tensorType: optional(1, TENSOR_TYPE) });

export const VALUE_INFO = message({ name: optional(1, TEXT), type: optional(2, TYPE) });

export const GRAPH = message({
  node: repeated(1, NODE),
  name: optional(2, TEXT),
  initializer: repeated(5, kept(TENSOR)),
  input: repeated(11, kept(VALUE_INFO)),
  output: repeated(12, kept(VALUE_INFO)),
  sparseInitializer: repeated(15, BYTES),
});

export const MODEL = message({
  irVersion: optional(1, INTEGER),
  producerName: optional(2, TEXT),
  graph: optional(7, GRAPH),
  opsetImport: repeated(8, OPERATOR_SET_ID),
});
