import type { EnumTypeDefinition, PackageDefinition } from '@grpc/proto-loader';
import descriptor from 'protobufjs/ext/descriptor/index.js';
import { descriptorSetBase64 } from '../../../generated/descriptor-set.js';

/** The option of methods that says who may call them, and the compiler's file that it extends. */
const optionFiles: ReadonlySet<string | undefined> = new Set([
  'symface/v1/options.proto',
  'google/protobuf/descriptor.proto',
]);

/**
 * What reflection shows: every file below proto/ (the contract, google.rpc, the health service) as the protobuf
 * compiler (buf) describes it. proto-loader's own descriptors lack imports and garble maps, so that clients which
 * build types from reflection (Python, grpcurl) refuse them. Methods are shown without their roles: the reflection service
 * drops options and does not send the files that only options need.
 */
export function reflectedContract(): PackageDefinition {
  const bytes = Buffer.from(descriptorSetBase64, 'base64');
  const set: unknown = descriptor.FileDescriptorSet.decode(bytes).toJSON();
  const files = (set as descriptor.IFileDescriptorSet).file.filter(({ name }) => !optionFiles.has(name));
  const fileDescriptorProtos = files.map((file) => {
    const dependency = file.dependency?.filter((name: string) => !optionFiles.has(name));
    const shown = descriptor.FileDescriptorProto.fromObject({ ...file, dependency });
    return Buffer.from(descriptor.FileDescriptorProto.encode(shown).finish());
  });
  // The reflection service reads the files only; a definition must be of some kind.
  const contract: EnumTypeDefinition = {
    format: 'Protocol Buffer 3 EnumDescriptorProto',
    type: {},
    fileDescriptorProtos,
  };
  return { contract };
}
