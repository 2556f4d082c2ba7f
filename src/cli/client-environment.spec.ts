import { expect, it } from 'vitest';
import { serverOfEnvironment } from './client-environment.js';

it.each([
  [{}, '127.0.0.1:50051'],
  [{ SYMFACE_GRPC_PORT: '6000' }, '127.0.0.1:6000'],
  [{ SYMFACE_SERVER: 'faces.example:443', SYMFACE_GRPC_PORT: '6000' }, 'faces.example:443'],
  [{ SYMFACE_SERVER: '', SYMFACE_GRPC_PORT: '' }, '127.0.0.1:50051'],
])('calls the server of the environment: %j', (environment, expected) => {
  expect(serverOfEnvironment(environment)).toBe(expected);
});
