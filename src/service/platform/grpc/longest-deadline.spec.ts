import { once } from 'node:events';
import { connect, createServer } from 'node:http2';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { boundDeadline, boundDeadlines } from './longest-deadline.js';

function bounded(name: 'grpc-timeout' | 'connect-timeout-ms', value: string): unknown {
  const headers = { [name]: value };
  boundDeadline(headers);
  return headers[name];
}

describe('boundDeadline', () => {
  it.each(['597H', '600H', '99999999H', '99999999M', '2562047H', '2145601S', '99999999S'])(
    'makes of %s what a timer takes',
    (timeout) => {
      expect(bounded('grpc-timeout', timeout)).toBe('596H');
    },
  );

  it.each(['596H', '35760M', '2145600S', '99999999m', '99999999u', '99999999n', '5S', '0S', '-1H', 'x', ''])(
    'leaves "%s" as it is',
    (timeout) => {
      expect(bounded('grpc-timeout', timeout)).toBe(timeout);
    },
  );

  it('does the same for Connect', () => {
    expect(bounded('connect-timeout-ms', '9999999999')).toBe('2145600000');
    for (const timeout of ['2145600000', '5000', '0', '-1', '99999999999', '1e12'])
      expect(bounded('connect-timeout-ms', timeout)).toBe(timeout);
  });
});

describe('boundDeadlines', () => {
  const closing: (() => void)[] = [];

  afterEach(() => {
    for (const close of closing.splice(0)) close();
  });

  it('comes before what is there to answer calls', async () => {
    const server = createServer().on('stream', (stream, headers) => {
      stream.respond({ ':status': 200, 'x-seen': headers['grpc-timeout'] });
      stream.end();
    });
    boundDeadlines(server);
    await once(server.listen(0, '127.0.0.1'), 'listening');
    const session = connect(`http://127.0.0.1:${(server.address() as AddressInfo).port}`);
    closing.push(
      () => server.close(),
      () => {
        session.destroy();
      },
    );
    const stream = session.request({ 'grpc-timeout': '600H' });
    const [headers] = (await once(stream, 'response')) as [Record<string, unknown>];
    expect(headers['x-seen']).toBe('596H');
  });
});
