import { describe, expect, it } from 'vitest';
import { ConfigurationError, readConfiguration } from './configuration.js';

describe('readConfiguration', () => {
  it('needs nothing: every setting has a default', () => {
    const configuration = readConfiguration({});
    expect(configuration).toMatchObject({ host: '127.0.0.1', grpcPort: 50_051, httpPort: 50_052 });
    expect(configuration.workerCount).toBeGreaterThanOrEqual(1);
  });

  it('treats an empty variable as not set', () => {
    expect(readConfiguration({ SYMFACE_GRPC_PORT: '' }).grpcPort).toBe(50_051);
  });

  it('refuses an address that others can reach, saying why', () => {
    expect(() => readConfiguration({ SYMFACE_HOST: '0.0.0.0' })).toThrow(/SYMFACE_HOST.*loopback only/su);
  });

  it('names every wrong variable at once', () => {
    const read = (): unknown =>
      readConfiguration({ SYMFACE_GRPC_PORT: '70000', SYMFACE_QUEUE_CAPACITY: 'many' });
    expect(read).toThrow(ConfigurationError);
    expect(read).toThrow(/SYMFACE_GRPC_PORT[\s\S]*SYMFACE_QUEUE_CAPACITY/u);
  });
});
