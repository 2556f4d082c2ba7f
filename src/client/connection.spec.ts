import { setTimeout as sleep } from 'node:timers/promises';
import {
  type handleBidiStreamingCall,
  type handleClientStreamingCall,
  type handleServerStreamingCall,
  type handleUnaryCall,
  Server,
  ServerCredentials,
  status,
} from '@grpc/grpc-js';
import { IdempotencyLevel, type MessageTypeDefinition } from '@grpc/proto-loader';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type AnyMethod, Connection } from './connection.js';
import { RemoteFailure } from './remote-failure.js';

/** A method whose messages travel as JSON. */
function method(name: string, requestStream: boolean, responseStream: boolean): AnyMethod {
  const serialize = (message: object): Buffer => Buffer.from(JSON.stringify(message));
  const deserialize = (bytes: Buffer): object => JSON.parse(bytes.toString()) as object;
  const type: MessageTypeDefinition<object, object> = {
    format: 'Protocol Buffer 3 DescriptorProto',
    type: {},
    fileDescriptorProtos: [],
    serialize,
    deserialize,
  };
  return {
    path: `/test.Test/${name}`,
    requestStream,
    responseStream,
    requestSerialize: serialize,
    requestDeserialize: deserialize,
    responseSerialize: serialize,
    responseDeserialize: deserialize,
    requestType: type,
    responseType: type,
    options: {
      deprecated: false,
      idempotency_level: IdempotencyLevel.IDEMPOTENCY_UNKNOWN,
      uninterpreted_option: [],
    },
  };
}

const methods = {
  Key: method('Key', false, false),
  Hang: method('Hang', false, false),
  Count: method('Count', false, true),
  Collect: method('Collect', true, false),
  Refuse: method('Refuse', true, false),
  Echo: method('Echo', true, true),
};

let server: Server;
let connection: Connection;
let address: string;
/** What the server saw of calls that were cancelled. */
const cancelled: string[] = [];

const key: handleUnaryCall<object, object> = ({ metadata }, done) => {
  done(null, { key: metadata.get('authorization') });
};
const hang: handleUnaryCall<object, object> = (call) => {
  call.on('cancelled', () => cancelled.push('Hang'));
};
const count: handleServerStreamingCall<{ to: number }, object> = (call) => {
  call.on('cancelled', () => cancelled.push('Count'));
  for (let number = 1; number <= call.request.to; number++) call.write({ number });
  if (call.request.to === 2) call.emit('error', { code: status.NOT_FOUND, details: 'no third' });
};
const collect: handleClientStreamingCall<object, object> = (call, done) => {
  const seen: object[] = [];
  call.on('data', (request: object) => seen.push(request));
  call.on('end', () => {
    done(null, { seen });
  });
  call.on('cancelled', () => cancelled.push('Collect'));
};
const refuse: handleClientStreamingCall<object, object> = (call, done) => {
  call.once('data', () => {
    done({ code: status.INVALID_ARGUMENT, details: 'not this one' });
  });
};
const echo: handleBidiStreamingCall<{ last?: true }, object> = (call) => {
  call.on('data', (request: { last?: true }) => {
    call.write(request);
    if (request.last) call.end();
  });
  call.on('end', () => call.end());
  call.on('cancelled', () => cancelled.push('Echo'));
};

beforeAll(async () => {
  server = new Server();
  const handlers = { Key: key, Hang: hang, Count: count, Collect: collect, Refuse: refuse, Echo: echo };
  server.addService(methods, handlers);
  const port = await new Promise<number>((resolve, reject) => {
    server.bindAsync('127.0.0.1:0', ServerCredentials.createInsecure(), (error, bound) => {
      if (error) reject(error);
      else resolve(bound);
    });
  });
  address = `127.0.0.1:${port}`;
  connection = new Connection({ server: address, apiKey: 'secret' });
});

afterAll(() => {
  connection.close();
  server.forceShutdown();
});

/** Requests without end after these, and whether no more are asked for. */
function endless(...first: readonly object[]): {
  readonly requests: AsyncGenerator<object>;
  readonly isStopped: () => boolean;
} {
  let isStopped = false;
  const requests = (async function* () {
    try {
      yield* first;
      for (let number = 0; ; number++) {
        await sleep(1);
        yield { number };
      }
    } finally {
      isStopped = true;
    }
  })();
  return { requests, isStopped: () => isStopped };
}

const all = async (answers: AsyncIterable<object>): Promise<object[]> => {
  const list: object[] = [];
  for await (const answer of answers) list.push(answer);
  return list;
};

describe('a unary call', () => {
  it('sends the key with the request', async () => {
    expect(await connection.unary(methods.Key, {})).toEqual({ key: ['Bearer secret'] });
  });

  it('fails after the time that the call or the client gives it', async () => {
    const late = { codeName: 'DEADLINE_EXCEEDED', reason: undefined };
    await expect(connection.unary(methods.Hang, {}, { timeoutMs: 30 })).rejects.toMatchObject(late);
    const hasty = new Connection({ server: address, timeoutMs: 30 });
    await expect(hasty.unary(methods.Hang, {})).rejects.toBeInstanceOf(RemoteFailure);
    hasty.close();
  });

  it('is cancelled by its signal, with the reason of that', async () => {
    const controller = new AbortController();
    const call = connection.unary(methods.Hang, {}, { signal: controller.signal });
    await sleep(50);
    cancelled.length = 0;
    controller.abort(new Error('not needed any more'));
    await expect(call).rejects.toThrow('not needed any more');
    await expect.poll(() => cancelled).toEqual(['Hang']);
    const again = connection.unary(methods.Key, {}, { signal: controller.signal });
    await expect(again).rejects.toThrow('not needed any more');
  });
});

describe('answers as a stream', () => {
  it('come in order, and end with what the call fails of', async () => {
    const answers = connection.serverStream(methods.Count, { to: 2 });
    expect(await answers.next()).toEqual({ value: { number: 1 }, done: false });
    expect(await answers.next()).toEqual({ value: { number: 2 }, done: false });
    await expect(answers.next()).rejects.toMatchObject({ name: 'RemoteFailure', codeName: 'NOT_FOUND' });
  });

  it('are given up where the loop is left', async () => {
    cancelled.length = 0;
    for await (const answer of connection.serverStream(methods.Count, { to: 3 })) {
      expect(answer).toEqual({ number: 1 });
      break;
    }
    await expect.poll(() => cancelled).toEqual(['Count']);
  });

  it('end with the reason of the signal, or at the deadline', async () => {
    const signal = AbortSignal.timeout(50);
    const call = connection.serverStream(methods.Count, { to: 3 }, { signal });
    await expect(all(call)).rejects.toMatchObject({ name: 'TimeoutError' });
    const late = connection.serverStream(methods.Count, { to: 3 }, { timeoutMs: 50 });
    await expect(all(late)).rejects.toMatchObject({ codeName: 'DEADLINE_EXCEEDED' });
  });
});

describe('requests as a stream', () => {
  it('are sent in order', async () => {
    expect(await connection.clientStream(methods.Collect, [{ a: 1 }, { a: 2 }])).toEqual({
      seen: [{ a: 1 }, { a: 2 }],
    });
  });

  it('are not asked for any more once the server has refused', async () => {
    const { requests, isStopped } = endless();
    await expect(connection.clientStream(methods.Refuse, requests)).rejects.toMatchObject({
      codeName: 'INVALID_ARGUMENT',
      message: 'not this one',
    });
    await expect.poll(isStopped).toBe(true);
  });

  it('fail with what goes wrong on this side, and end the call', async () => {
    cancelled.length = 0;
    const requests = (async function* () {
      await sleep(20);
      yield { a: 1 };
      throw new Error('the file is gone');
    })();
    await expect(connection.clientStream(methods.Collect, requests)).rejects.toThrow('the file is gone');
    await expect.poll(() => cancelled).toEqual(['Collect']);
  });
});

describe('requests and answers as streams', () => {
  it('go both ways at a time', async () => {
    const answers = connection.duplex(methods.Echo, endless().requests);
    expect((await answers.next()).value).toEqual({ number: 0 });
    expect((await answers.next()).value).toEqual({ number: 1 });
    await answers.return();
    await expect.poll(() => cancelled).toContain('Echo');
  });

  it('end with the answers, whatever there is to send', async () => {
    const { requests, isStopped } = endless({ number: -1 }, { last: true });
    const answers = await all(connection.duplex(methods.Echo, requests));
    expect(answers).toEqual([{ number: -1 }, { last: true }]);
    await expect.poll(isStopped).toBe(true);
  });

  it('fail with what goes wrong on this side', async () => {
    const requests = (async function* () {
      await sleep(20);
      yield { a: 1 };
      throw new Error('the file is gone');
    })();
    await expect(all(connection.duplex(methods.Echo, requests))).rejects.toThrow('the file is gone');
  });
});
