import { describe, expect, it } from 'vitest';
import { ConfigurationError, environmentSchema, readConfiguration } from './configuration.js';

describe('readConfiguration', () => {
  it('needs nothing: every setting has a default', () => {
    const configuration = readConfiguration({});
    expect(configuration).toMatchObject({ host: '127.0.0.1', grpcPort: 50_051, httpPort: 50_052 });
    expect(configuration.workerCount).toBeGreaterThanOrEqual(1);
  });

  it('takes a value without the spaces and line ends around it', () => {
    const { databaseUrl, grpcPort } = readConfiguration({
      DATABASE_URL: ' postgres://db/faces\n',
      SYMFACE_GRPC_PORT: '50061 ',
    });
    expect({ databaseUrl, grpcPort }).toEqual({ databaseUrl: 'postgres://db/faces', grpcPort: 50_061 });
  });

  it('refuses a wrong URL of either database by the name of its setting', () => {
    for (const name of ['DATABASE_URL', 'SYMFACE_DATABASE_LISTEN_URL'])
      expect(() => readConfiguration({ [name]: 'mysql://ana:s3cret@db/faces' })).toThrow(
        `${name} is not the URL of a PostgreSQL`,
      );
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

  const mutual = { ...tls, SYMFACE_TLS_CLIENT_CA_FILE: '/ca.pem' };
  const keys = { SYMFACE_AUTHENTICATION: 'api-key' };

  it.each([
    { name: 'on this machine', settings: {}, isServed: true },
    { name: 'on this machine, beside TLS', settings: { SYMFACE_HOST: '0.0.0.0', ...tls }, isServed: true },
    {
      name: 'elsewhere in plaintext',
      settings: { SYMFACE_HTTP_HOST: '0.0.0.0', ...tls, ...keys },
      isServed: false,
    },
    { name: 'in plaintext beside client certificates', settings: mutual, isServed: false },
    { name: 'with client certificates', settings: { ...mutual, SYMFACE_HTTP_TLS: 'true' }, isServed: true },
    {
      name: 'elsewhere with TLS and keys',
      settings: { SYMFACE_HTTP_HOST: '0.0.0.0', SYMFACE_HTTP_TLS: 'true', ...tls, ...keys },
      isServed: true,
    },
    {
      name: 'elsewhere with TLS and no keys',
      settings: { SYMFACE_HTTP_HOST: '0.0.0.0', SYMFACE_HTTP_TLS: 'true', ...tls },
      isServed: false,
    },
    { name: 'on this machine where it is off', settings: { SYMFACE_HTTP_API: 'off' }, isServed: false },
  ])('takes calls over HTTP $name: $isServed', ({ settings, isServed }) => {
    expect(readConfiguration(settings).httpApi.isServed).toBe(isServed);
    const asked = { ...settings, SYMFACE_HTTP_API: 'on' };
    if (isServed || 'SYMFACE_HTTP_API' in settings)
      expect(readConfiguration(asked).httpApi.isServed).toBe(true);
    else expect(() => readConfiguration(asked)).toThrow(/SYMFACE_HTTP_API.*SYMFACE_HTTP_TLS/su);
  });

  it('takes origins as browsers write them, and TLS over HTTP only where there is a certificate', () => {
    const origins = 'https://a.example, http://localhost:3000';
    expect(readConfiguration({ SYMFACE_HTTP_ORIGINS: origins }).httpApi.allowedOrigins).toEqual([
      'https://a.example',
      'http://localhost:3000',
    ]);
    for (const wrong of ['*', 'a.example', 'https://a.example/', 'https://a.example,']) {
      expect(() => readConfiguration({ SYMFACE_HTTP_ORIGINS: wrong }), wrong).toThrow(
        /SYMFACE_HTTP_ORIGINS/u,
      );
    }
    expect(() => readConfiguration({ SYMFACE_HTTP_TLS: 'true' })).toThrow(/SYMFACE_TLS_CERTIFICATE_FILE/u);
  });

  it('refuses half of a TLS configuration', () => {
    expect(() => readConfiguration({ SYMFACE_TLS_KEY_FILE: '/a.key' })).toThrow(
      /SYMFACE_TLS_CERTIFICATE_FILE/u,
    );
    expect(() => readConfiguration({ SYMFACE_TLS_CLIENT_CA_FILE: '/ca.pem' })).toThrow(/needs both/u);
  });

  const numbers = Object.keys(environmentSchema.shape).filter((name) =>
    /PORT$|_MS$|_MIB$|_BYTES$|_PIXELS$|_SIZE$|COUNT|WORKERS?$|THREADS|CAPACITY|MAX_|KEPT|INTERVAL/u.test(
      name,
    ),
  );

  it.each(numbers)('takes digits for %s, and what is no number of it for a mistake', (name) => {
    const wrong = [
      '-1',
      '0x10',
      '1e3',
      '5s',
      '5 6',
      '1.5',
      'NaN',
      'Infinity',
      '\u0663',
      '9'.repeat(400),
      '5;6',
    ];
    for (const value of [...wrong, '99999999999'])
      expect(() => readConfiguration({ [name]: value }), value).toThrow(
        new RegExp(`${name}: takes a whole`, 'u'),
      );
    expect(readConfiguration({ [name]: ' \t ' })).toEqual(readConfiguration({}));
  });

  it('takes no time that a timer would fire at once for', () => {
    for (const name of [
      'SYMFACE_DEFAULT_DEADLINE_MS',
      'SYMFACE_RECEIVE_TIMEOUT_MS',
      'SYMFACE_DRAIN_TIMEOUT_MS',
    ])
      expect(() => readConfiguration({ [name]: '2147483648' }), name).toThrow(/from 1 to 86400000/u);
  });

  it('names every wrong variable at once', () => {
    const read = (): unknown =>
      readConfiguration({ SYMFACE_GRPC_PORT: '70000', SYMFACE_QUEUE_CAPACITY: 'many' });
    expect(read).toThrow(ConfigurationError);
    expect(read).toThrow(/SYMFACE_GRPC_PORT[\s\S]*SYMFACE_QUEUE_CAPACITY/u);
  });
});
