import { describe, expect, it } from 'vitest';
import { referredSchemas, requestToFillIn, type Schema } from './description.js';

const to = (name: string): Schema => ({ $ref: `#/components/schemas/${name}` });

const schemas: Readonly<Record<string, Schema>> = {
  CompareRequest: {
    properties: {
      parent: { type: 'string' },
      probe: to('Image'),
      others: { type: 'array', items: to('Image') },
      limit: { type: 'integer' },
      gate: to('Gate'),
      pageToken: { type: 'string' },
    },
  },
  CompareResponse: { properties: { faces: { type: 'array', items: to('Face') } } },
  Image: { properties: { content: { type: 'string' }, kind: to('Kind') } },
  Kind: { type: 'string', enum: ['KIND_UNSPECIFIED'] },
  Gate: { properties: {} },
  Face: { properties: { inside: to('Face'), byName: { type: 'object', additionalProperties: to('Gate') } } },
};

describe('a request to fill in', () => {
  it('has its texts and images, and leaves out what has a default', () => {
    expect(JSON.parse(requestToFillIn('CompareRequest', schemas))).toEqual({
      parent: '…',
      probe: { content: '…' },
      others: [{ content: '…' }],
    });
  });

  it('is empty where there is nothing to say', () => {
    expect(requestToFillIn('Gate', schemas)).toBe('{}');
  });
});

describe('the schemas that a method refers to', () => {
  it('are all that a reader needs, each once, in the order in which they are met', () => {
    expect(referredSchemas(['CompareRequest', 'CompareResponse'], schemas)).toEqual([
      'Image',
      'Gate',
      'Face',
      'Kind',
    ]);
  });
});
