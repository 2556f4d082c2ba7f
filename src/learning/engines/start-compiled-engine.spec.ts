import { beforeAll, describe, expect, it } from 'vitest';
import * as tf from '@tensorflow/tfjs';

import { smallTrainingSpec } from '../../../test/support/small-training-spec.js';
import { joinedProcesses } from '../../../test/support/joined-processes.js';
import { initialState } from '../step/initial-state.js';
import { DeviceTrainingEngine } from './device/device-training-engine.js';
import { OrtTrainingEngine } from './ort-training-engine.js';
import { startCompiledEngine } from './start-compiled-engine.js';

const CPU = { provider: 'cpu', threads: 1 } as const;

describe('startCompiledEngine', () => {
  beforeAll(async () => tf.setBackend('cpu'));

  it('descends on the host on the processor, and on the device in mixed precision', async () => {
    const spec = smallTrainingSpec();
    const state = initialState(spec, 1);
    const host = await startCompiledEngine(spec, state, CPU);
    const device = await startCompiledEngine(spec, state, { ...CPU, precision: 'mixed' });
    expect(host).toBeInstanceOf(OrtTrainingEngine);
    expect(device).toBeInstanceOf(DeviceTrainingEngine);
    await Promise.all([host.close(), device.close()]);
  });

  it('refuses mixed precision where gradients are needed in the host', async () => {
    const [processes] = joinedProcesses(1);
    const spec = smallTrainingSpec();
    const mixed = { ...CPU, precision: 'mixed' } as const;
    await expect(startCompiledEngine(spec, initialState(spec, 1), mixed, processes)).rejects.toThrow(
      'precision: mixed',
    );
    const sampled = { ...spec, sampledClasses: 3 };
    await expect(startCompiledEngine(sampled, initialState(spec, 1), mixed)).rejects.toThrow(
      'precision: mixed',
    );
  });
});
