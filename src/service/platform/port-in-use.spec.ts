import { once } from 'node:events';
import { type AddressInfo, createServer } from 'node:net';
import { Server, ServerCredentials } from '@grpc/grpc-js';
import { describe, expect, it } from 'vitest';
import { listenAtPort } from './port-in-use.js';

describe('listenAtPort', () => {
  it('names the setting of a port that another has, for gRPC and for others', async () => {
    const other = createServer().listen(0, '127.0.0.1');
    await once(other, 'listening');
    const { port } = other.address() as AddressInfo;
    const grpc = new Server();
    const overGrpc = async (): Promise<void> =>
      new Promise((resolve, reject) => {
        grpc.bindAsync(`127.0.0.1:${port}`, ServerCredentials.createInsecure(), (error) => {
          if (error === null) resolve();
          else reject(error);
        });
      });
    const inUse = `SYMFACE_GRPC_PORT: port ${port} is in use already`;
    await expect(listenAtPort('SYMFACE_GRPC_PORT', port, overGrpc)).rejects.toThrow(inUse);
    const plain = createServer();
    const overTcp = async () => once(plain.listen(port, '127.0.0.1'), 'listening');
    await expect(listenAtPort('SYMFACE_GRPC_PORT', port, overTcp)).rejects.toThrow(inUse);
    grpc.forceShutdown();
    other.close();
  });

  it('passes on what else goes wrong', async () => {
    const failed = async () => Promise.reject(new Error('EACCES'));
    await expect(listenAtPort('SYMFACE_HTTP_PORT', 80, failed)).rejects.toThrow('EACCES');
  });
});
