import { describe, expect, it } from 'vitest';

import { backboneWithExternalWeights } from '../../test/support/onnx-files.js';
import { bytesField, messageField, varintField } from '../../test/support/protobuf-fields.js';
import { branchedNetwork } from '../../test/support/small-networks.js';
import { tinyBackbone } from '../../test/support/tiny-models.js';
import { Failure } from '../core/failure.js';
import { requireSelfContained } from './self-contained.js';

/** Wraps a message in the fields of others, the innermost last. */
function inside(fields: readonly number[], ...message: readonly Uint8Array[]): Uint8Array {
  return fields.reduceRight<Uint8Array>(
    (content, field) => messageField(field, content),
    Buffer.concat(message),
  );
}

const INITIALISER = [7, 5];
const ATTRIBUTE = [7, 1, 5];
const entry = messageField(13, bytesField(1, 'location'), bytesField(2, '/etc/passwd'));

describe('requireSelfContained', () => {
  it.each([
    ['an initialiser', INITIALISER],
    ['an attribute', [...ATTRIBUTE, 5]],
    ['an attribute of several', [...ATTRIBUTE, 10]],
    ['a graph in an attribute', [...ATTRIBUTE, 6, 5]],
    ['a node of a graph in an attribute of several', [...ATTRIBUTE, 11, 1, 5, 5]],
    ['a sparse initialiser', [7, 15, 1]],
    ['the indices of a sparse attribute', [...ATTRIBUTE, 22, 2]],
    ['a sparse attribute of several', [...ATTRIBUTE, 23, 1]],
    ['a function', [25, 7, 5, 5]],
    ["a function's own attributes", [25, 11, 5]],
    ['the training', [20, 2, 5]],
  ])('refuses data in other files of %s', (_, path) => {
    for (const tensor of [entry, varintField(14, 1)]) {
      const check = () => {
        requireSelfContained(inside(path, bytesField(8, 'w'), tensor));
      };
      expect(check).toThrow(Failure);
      expect(check).toThrow('keeps weights in other files (ONNX external data)');
    }
    requireSelfContained(inside(path, bytesField(8, 'w'), varintField(14, 0)));
  });

  it('finds them in the second of two graphs, which some readers join', () => {
    const check = () => {
      requireSelfContained(Buffer.concat([tinyBackbone(), backboneWithExternalWeights]));
    };
    expect(check).toThrow('keeps weights in other files');
  });

  it('passes networks, and tensors of types that nothing here computes with', () => {
    requireSelfContained(branchedNetwork());
    requireSelfContained(inside(INITIALISER, varintField(2, 8), bytesField(6, 'a text')));
  });

  it('refuses what is no message, is cut off or nests without an end', () => {
    const nested = inside([...ATTRIBUTE, ...Array.from({ length: 40 }, () => [6, 1, 5]).flat()], entry);
    const files = [Buffer.from('text'), tinyBackbone().subarray(0, 200), nested];
    for (const file of files) {
      const check = () => {
        requireSelfContained(file);
      };
      expect(check).toThrow(Failure);
      expect(check).toThrow('not an ONNX file, or is cut off');
    }
  });
});
