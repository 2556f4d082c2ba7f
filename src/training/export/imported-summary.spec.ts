import { describe, expect, it, vi } from 'vitest';

import { branchedNetwork } from '../../../test/support/small-networks.js';
import { tinyBackbone } from '../../../test/support/tiny-models.js';
import { Failure } from '../../core/failure.js';
import { summariseImportedBackbone } from './imported-summary.js';

const OPTIONS = { name: 'network.onnx', inputSize: { height: 112, width: 96 } };

describe('summariseImportedBackbone', () => {
  it('counts what is trained and evaluated, at the size that the graph is made for', () => {
    const warn = vi.spyOn(console, 'warn');
    expect(summariseImportedBackbone(tinyBackbone({ side: 12 }), OPTIONS)).toEqual({
      name: 'network.onnx',
      input: { height: 12, width: 12 },
      embeddingSize: 4,
      parameterCount: 12,
      multiplyAdds: 12,
      source: 'an ONNX file',
      operators: { GlobalAveragePool: 1, Flatten: 1, MatMul: 1 },
    });
    // tfjs advertises another backend where it is not told not to.
    expect(warn).not.toHaveBeenCalled();
  });

  it('lists the most frequent operators first', () => {
    const counts = Object.values(summariseImportedBackbone(branchedNetwork(), OPTIONS).operators);
    expect(counts).toEqual([...counts].sort((a, b) => b - a));
  });

  it('refuses what is no ONNX file', () => {
    expect(() => summariseImportedBackbone(Buffer.from('text'), OPTIONS)).toThrow(Failure);
  });
});
