import { describe, it } from 'vitest';
import { expectAgreementOnLfw, loadReferenceDetectors } from '../support/detector-agreement.js';
import { hasSharedData } from '../support/shared-data.js';

const LFW_PHOTOGRAPHS = 200;

/** As test/integration has it on fewer photographs. */
describe.skipIf(!hasSharedData('detector agreement'))('detectors on real photographs', () => {
  it(`agree within a few pixels of the crop on ${LFW_PHOTOGRAPHS} photographs of LFW`, async () => {
    await expectAgreementOnLfw(await loadReferenceDetectors(), LFW_PHOTOGRAPHS);
  });
});
