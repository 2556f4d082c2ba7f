import { describe, expect, it } from 'vitest';

import { contractFormat } from '../../contract/dataset-format.js';
import { VERIFICATION_FORMATS } from '../../datasets/verification/verification-formats.js';
import { DatasetFormat } from '../../generated/symface/v1/DatasetFormat.js';
import { readFormat } from './benchmark-messages.js';

describe('the formats of the contract', () => {
  it('are those that can be read', () => {
    const known = VERIFICATION_FORMATS.map(({ name }) => contractFormat(name));
    const { DATASET_FORMAT_UNSPECIFIED: unspecified, ...formats } = DatasetFormat;
    expect(known.sort()).toEqual(Object.values(formats).sort());
    expect(() => readFormat(unspecified)).toThrow('must be one of DatasetFormat');
  });

  it('mean the format that they name', () => {
    expect(readFormat('DATASET_FORMAT_CFP_FRONTAL_PROFILE')).toBe('cfp-frontal-profile');
    expect(contractFormat('lfw-pairs')).toBe('DATASET_FORMAT_LFW_PAIRS');
    expect(() => contractFormat('megaface')).toThrow('the contract has no DATASET_FORMAT_MEGAFACE');
  });
});
