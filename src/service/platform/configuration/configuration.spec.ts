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

  it('starts one inference worker on a GPU, unless told otherwise', () => {
    const gpu = { SYMFACE_SERVING_PROVIDER: 'webgpu' };
    expect(readConfiguration(gpu)).toMatchObject({ servingProvider: 'webgpu', workerCount: 1 });
    expect(readConfiguration({ ...gpu, SYMFACE_WORKERS: '3' }).workerCount).toBe(3);
    expect(readConfiguration({}).servingProvider).toBe('cpu');
    // What trains need not serve.
    expect(() => readConfiguration({ SYMFACE_SERVING_PROVIDER: 'tensorflow' })).toThrow(
      /SYMFACE_SERVING_PROVIDER/u,
    );
  });

  const tls = { SYMFACE_TLS_CERTIFICATE_FILE: '/a.pem', SYMFACE_TLS_KEY_FILE: '/a.key' };

  it.each([
    { name: 'neither TLS nor keys', settings: { SYMFACE_AUTHENTICATION: 'none' } },
    { name: 'keys without TLS', settings: {} },
    { name: 'TLS without keys', settings: { ...tls, SYMFACE_AUTHENTICATION: 'none' } },
  ])('refuses an address that others can reach with $name, unless told to', ({ settings }) => {
    const exposed = { SYMFACE_HOST: '0.0.0.0', ...settings };
    expect(() => readConfiguration(exposed)).toThrow(/SYMFACE_HOST.*TLS.*SYMFACE_ALLOW_INSECURE/su);
    expect(readConfiguration({ ...exposed, SYMFACE_ALLOW_INSECURE: 'true' }).host).toBe('0.0.0.0');
  });

  it('asks for API keys wherever others can reach it, and not on this machine', () => {
    expect(readConfiguration({ SYMFACE_HOST: '0.0.0.0', ...tls }).authentication).toBe('api-key');
    expect(readConfiguration({}).authentication).toBe('none');
    expect(readConfiguration({ SYMFACE_AUTHENTICATION: 'api-key' }).authentication).toBe('api-key');
  });

  it('refuses half of a TLS configuration', () => {
    expect(() => readConfiguration({ SYMFACE_TLS_KEY_FILE: '/a.key' })).toThrow(
      /SYMFACE_TLS_CERTIFICATE_FILE/u,
    );
    expect(() => readConfiguration({ SYMFACE_TLS_CLIENT_CA_FILE: '/ca.pem' })).toThrow(/needs both/u);
  });

  it('names every wrong variable at once', () => {
    const read = (): unknown =>
      readConfiguration({ SYMFACE_GRPC_PORT: '70000', SYMFACE_QUEUE_CAPACITY: 'many' });
    expect(read).toThrow(ConfigurationError);
    expect(read).toThrow(/SYMFACE_GRPC_PORT[\s\S]*SYMFACE_QUEUE_CAPACITY/u);
  });
});
