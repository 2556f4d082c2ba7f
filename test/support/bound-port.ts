import { type Server, ServerCredentials } from '@grpc/grpc-js';

/** Has a server of a test listen on this machine, in plain text. @returns its port */
export async function boundPort(server: Server): Promise<number> {
  return new Promise((resolve, reject) => {
    server.bindAsync('127.0.0.1:0', ServerCredentials.createInsecure(), (error, bound) => {
      if (error === null) resolve(bound);
      else reject(error);
    });
  });
}
