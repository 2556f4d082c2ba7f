import type { ServiceDefinition } from '@grpc/proto-loader';
import { loadContract, SYMFACE_PACKAGE } from '../contract/contract.js';
import type { CallOptions, SymFaceClientOptions } from './client-options.js';
import { type AnyMethod, Connection } from './connection.js';
import { withoutPresenceMarkers } from './presence-markers.js';
import type { Requests, SymFaceServices } from './service-methods.js';

const servicePattern = new RegExp(`^${SYMFACE_PACKAGE.replaceAll('.', '\\.')}\\.(?<name>\\w+)Service$`, 'u');

/** The services that the contract has at run time, as properties. */
class ContractClient {
  readonly #connection: Connection;

  /** It connects with the first call. @throws Error where a TLS file cannot be read */
  constructor(options: SymFaceClientOptions) {
    this.#connection = new Connection(options);
    for (const [fullName, definition] of Object.entries(loadContract())) {
      const name = servicePattern.exec(fullName)?.groups?.['name'];
      if (name === undefined || 'format' in definition) continue;
      const value = boundMethods(definition, this.#connection);
      Object.defineProperty(this, lowerCamelCase(name), { value, enumerable: true });
    }
  }

  /** Lets calls that run end, and refuses new ones. */
  close(): void {
    this.#connection.close();
  }
}

/** The properties have the types that were generated from the same contract. */
const TypedContractClient = ContractClient as new (
  options: SymFaceClientOptions,
) => ContractClient & SymFaceServices;

/**
 * Calls a SymFace server: every service of the contract is a property, every method of it a function of the request.
 * Each call that fails rejects, or throws in its stream, with a RemoteFailure.
 *
 * @example
 * const client = new SymFaceClient({ server: '127.0.0.1:50051' });
 * const { similarity } = await client.faceVerification.verify({ imageA: { content: a }, imageB: { content: b } });
 */
export class SymFaceClient extends TypedContractClient {}

function boundMethods(service: ServiceDefinition, connection: Connection): object {
  const entries = Object.entries(service).map(
    ([name, method]) => [lowerCamelCase(name), bound(withPlainAnswers(method), connection)] as const,
  );
  return Object.fromEntries(entries);
}

function withPlainAnswers(method: AnyMethod): AnyMethod {
  return {
    ...method,
    responseDeserialize: (bytes: Buffer) => withoutPresenceMarkers(method.responseDeserialize(bytes)),
  };
}

function bound(method: AnyMethod, connection: Connection): unknown {
  if (!method.requestStream) {
    return method.responseStream
      ? (request: object, options?: CallOptions) => connection.serverStream(method, request, options)
      : (request: object, options?: CallOptions) => connection.unary(method, request, options);
  }
  return method.responseStream
    ? (requests: Requests<object>, options?: CallOptions) => connection.duplex(method, requests, options)
    : (requests: Requests<object>, options?: CallOptions) =>
        connection.clientStream(method, requests, options);
}

function lowerCamelCase(name: string): string {
  return `${name.charAt(0).toLowerCase()}${name.slice(1)}`;
}
