import { expect, it } from 'vitest';
import type { ProcessContext } from './platform/process-context.js';
import { startService } from './start-service.js';

it('closes the storage where the features of a process cannot be made', async () => {
  let closes = 0;
  const database = {
    close: async () => {
      closes++;
      return Promise.resolve();
    },
  };
  // Nothing can be made without a configuration.
  const context = { role: 'worker', storage: { database }, logger: {} } as unknown as ProcessContext;
  const listen = async (): Promise<void> => Promise.reject(new Error('must not be reached'));
  await expect(startService(context, listen)).rejects.toThrow(TypeError);
  expect(closes).toBe(1);
});
