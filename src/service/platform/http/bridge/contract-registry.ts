import { type DescService, type FileRegistry, createFileRegistry, fromBinary } from '@bufbuild/protobuf';
import { FileDescriptorSetSchema } from '@bufbuild/protobuf/wkt';
import { descriptorSetBase64 } from '../../../../generated/descriptor-set.js';

/** Every message and service of the contract, as Connect wants them described. */
export function contractRegistry(): FileRegistry {
  return createFileRegistry(fromBinary(FileDescriptorSetSchema, Buffer.from(descriptorSetBase64, 'base64')));
}

/** The services of a contract, in the order of their names. */
export function servicesOf(registry: FileRegistry): readonly DescService[] {
  return [...registry]
    .filter((description) => description.kind === 'service')
    .sort((one, other) => (one.typeName < other.typeName ? -1 : 1));
}

/** Tells whether an address is in a package of these services, whether or not there are such a service and method: names are misspelt. */
export function isCallOf(services: readonly DescService[]): (url: string | undefined) => boolean {
  const prefixes = new Set(services.map(({ file }) => `/${file.proto.package}.`));
  return (url = '') => [...prefixes].some((prefix) => url.startsWith(prefix));
}
