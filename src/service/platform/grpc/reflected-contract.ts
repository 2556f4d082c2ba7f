import type { EnumTypeDefinition, PackageDefinition } from '@grpc/proto-loader';
import descriptor from 'protobufjs/ext/descriptor/index.js';
import { descriptorSetBase64 } from '../../../generated/descriptor-set.js';

/** The option of methods that says who may call them, and the compiler's file that it extends. */
const optionFiles: ReadonlySet<string> = new Set([
  'symface/v1/options.proto',
  'google/protobuf/descriptor.proto',
]);

/** A file as the compiler describes it, as far as it matters here. */
interface DescribedFile {
  readonly name: string;
  /** Names of the files that it imports. */
  readonly dependency?: readonly string[];
}

/**
 * What reflection shows: every file below proto/ (the contract, google.rpc, the health service) as the protobuf
 * compiler (buf) describes it. proto-loader's own descriptors lack imports and garble maps, so that clients which
 * build types from reflection (Python, grpcurl) refuse them. Methods are shown without their roles: the reflection service
 * drops options and does not send the files that only options need.
 */
export function reflectedContract(): PackageDefinition {
  const bytes = Buffer.from(descriptorSetBase64, 'base64');
  const set: unknown = descriptor.FileDescriptorSet.decode(bytes).toJSON();
  const files = (set as { readonly file: readonly DescribedFile[] }).file;
  const shownFiles = files.filter(({ name }) => !optionFiles.has(name));
  const fileDescriptorProtos = shownFiles.map((file) => {
    const dependency = file.dependency?.filter((name) => !optionFiles.has(name));
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
