import { describe, expect, it } from 'vitest';

import { branchedNetwork } from '../../../test/support/small-networks.js';
import { tinyBackbone } from '../../../test/support/tiny-models.js';
import { Failure } from '../../core/failure.js';
import { summariseImportedBackbone } from './imported-summary.js';

const OPTIONS = { name: 'network.onnx', inputSize: { height: 112, width: 96 } };

describe('summariseImportedBackbone', () => {
  it('counts what is trained and evaluated, at the size that the graph is made for', () => {
    expect(summariseImportedBackbone(tinyBackbone({ side: 12 }), OPTIONS)).toEqual({
      name: 'network.onnx',
      input: { height: 12, width: 12 },
      embeddingSize: 4,
      parameterCount: 12,
      multiplyAdds: 12,
      source: 'an ONNX file',
      operators: { GlobalAveragePool: 1, Flatten: 1, MatMul: 1 },
    });
  });

  it('lists the most frequent operators first', () => {
    const counts = Object.values(summariseImportedBackbone(branchedNetwork(), OPTIONS).operators);
    expect(counts).toEqual([...counts].sort((a, b) => b - a));
  });

  it('refuses what is no ONNX file', () => {
    expect(() => summariseImportedBackbone(Buffer.from('text'), OPTIONS)).toThrow(Failure);
  });
});
