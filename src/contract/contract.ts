import {
  type AnyDefinition,
  fromJSON,
  type Options,
  type PackageDefinition,
  type ServiceDefinition,
} from '@grpc/proto-loader';
import type { ProtoGrpcType } from '../generated/contract.js';
import { contractDefinition } from '../generated/contract-definition.js';

/** The protobuf package of SymFace's services. */
export const SYMFACE_PACKAGE = 'symface.v1';

/** The largest encoded image that a service takes, whatever it is configured to. */
export const maximumImageBytes = 32 * 1024 * 1024;
/** The largest message, on both sides: two of the largest images, and what goes with them. */
export const maximumMessageBytes = 2 * maximumImageBytes + 2 * 1024 * 1024;

/** Messages, enumerations and services of {@link SYMFACE_PACKAGE}, as they are generated. */
export type SymFaceTypes = ProtoGrpcType['symface']['v1'];

type ServiceName = Extract<keyof SymFaceTypes, `${string}Service`>;
type RpcMessages = ProtoGrpcType['google']['rpc'];

/** The options with which scripts/generate-types.mjs makes the types: both must agree. */
const LOADER_OPTIONS: Options = { longs: Number, enums: String, defaults: true, oneofs: true };

let loaded: PackageDefinition | undefined;

/** Every service and message of the contract (proto/), google.rpc's error details included. It is made once. */
export function loadContract(): PackageDefinition {
  loaded ??= fromJSON(contractDefinition, LOADER_OPTIONS);
  return loaded;
}

/** The services of {@link SYMFACE_PACKAGE} by their full names. */
export function contractServices(): ReadonlyMap<string, ServiceDefinition> {
  const services = new Map<string, ServiceDefinition>();
  for (const [name, definition] of Object.entries(loadContract()))
    if (name.startsWith(`${SYMFACE_PACKAGE}.`) && isService(definition)) services.set(name, definition);
  return services;
}

/** Messages and enumerations have a format. */
function isService(definition: AnyDefinition): definition is ServiceDefinition {
  return !('format' in definition);
}

/** The methods of one service, for servers and clients of it. @param name for example `ModelService` */
export function serviceDefinition<Name extends ServiceName>(name: Name): SymFaceTypes[Name]['service'] {
  const definition: unknown = loadContract()[`${SYMFACE_PACKAGE}.${name}`];
  return definition as SymFaceTypes[Name]['service'];
}

/**
 * Serializer and deserializer of one google.rpc message, for error details.
 * @param name for example `Status` or `ErrorInfo`
 */
export function rpcMessage<Name extends keyof RpcMessages>(name: Name): RpcMessages[Name] {
  const definition: unknown = loadContract()[`google.rpc.${name}`];
  return definition as RpcMessages[Name];
}
