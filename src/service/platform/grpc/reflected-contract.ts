import type { EnumTypeDefinition, PackageDefinition } from '@grpc/proto-loader';
import descriptor from 'protobufjs/ext/descriptor/index.js';
import { descriptorSetBase64 } from '../../../generated/descriptor-set.js';

/**
 * What reflection shows: every file below proto/ (the contract, google.rpc, the health service) as the protobuf
 * compiler (buf) describes it. proto-loader's own descriptors lack imports and garble maps, so that clients which
 * build types from reflection (Python, grpcurl) refuse them.
 */
export function reflectedContract(): PackageDefinition {
  const bytes = Buffer.from(descriptorSetBase64, 'base64');
  const set: unknown = descriptor.FileDescriptorSet.decode(bytes).toJSON();
  const fileDescriptorProtos = (set as descriptor.IFileDescriptorSet).file.map((file) =>
    Buffer.from(
      descriptor.FileDescriptorProto.encode(descriptor.FileDescriptorProto.fromObject(file)).finish(),
    ),
  );
  // The reflection service reads the files only; a definition must be of some kind.
  const contract: EnumTypeDefinition = {
    format: 'Protocol Buffer 3 EnumDescriptorProto',
    type: {},
    fileDescriptorProtos,
  };
  return { contract };
}
