/** The package's `symface/client` (docs/libraries/client.md). */
export type { CallOptions, ClientTls, SymFaceClientOptions } from './client-options.js';
export type { Message, MessageInput, MessageName } from './messages.js';
export { paginate } from './paginate.js';
export { RemoteFailure } from './remote-failure.js';
export type {
  ClientStreamMethod,
  DuplexMethod,
  Requests,
  ServerStreamMethod,
  SymFaceServices,
  UnaryMethod,
} from './service-methods.js';
export { SymFaceClient } from './symface-client.js';
