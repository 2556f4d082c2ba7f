import { describe, expect, it } from 'vitest';
import { gateSentences } from './gate-text.js';

describe('what a gate before two networks comes to', () => {
  it('says how many get the trained network, and how many others keep the one from before', () => {
    expect(gateSentences({ recognised: 1, mistaken: 0.0124 }, 0)).toEqual([
      expect.stringContaining('how the picture of a face looks says which one it gets'),
      expect.stringMatching(/^100 % of the faces held out .* get the trained network/u),
      expect.stringMatching(/^98\.8 % of faces in other photographs .* keep the network from before/u),
    ]);
  });

  it('says by how much crops are smoothed', () => {
    const [, own] = gateSentences({ recognised: 1, mistaken: 0 }, 2.5);
    expect(own).toContain('sees them smoothed by 2.5 pixels');
  });
});
