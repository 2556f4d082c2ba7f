import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { type Client, Metadata, status } from '@grpc/grpc-js';
import { loadSync } from '@grpc/proto-loader';
import descriptor from 'protobufjs/ext/descriptor/index.js';

const service = 'grpc.reflection.v1.ServerReflection';

interface ReflectionAnswer {
  readonly listServicesResponse?: { readonly service: readonly { readonly name: string }[] };
  readonly fileDescriptorResponse?: { readonly fileDescriptorProto: readonly Buffer[] };
}

/** Every method that a server tells of by reflection, as `/package.Service/Method`. */
export async function reflectedMethods(client: Client, apiKey: string): Promise<readonly string[]> {
  const ask = reflection(client, apiKey);
  const { listServicesResponse } = await ask({ listServices: '*' });
  const methods = new Set<string>();
  for (const { name } of listServicesResponse?.service ?? []) {
    const { fileDescriptorResponse } = await ask({ fileContainingSymbol: name });
    for (const bytes of fileDescriptorResponse?.fileDescriptorProto ?? [])
      for (const method of methodsIn(bytes)) methods.add(method);
  }
  return [...methods].sort();
}

/**
 * How a call of any method ends whose request is an empty message: the name of its code, `OK` at the first answer. On the
 * wire a call of one message is a stream of one.
 */
export async function codeOfEmptyCall(client: Client, path: string, apiKey?: string): Promise<string> {
  const bytes = (value: Buffer): Buffer => value;
  const call = client.makeBidiStreamRequest(path, bytes, bytes, withKey(apiKey), {
    deadline: Date.now() + 30_000,
  });
  return new Promise((resolve) => {
    call.on('data', () => {
      resolve('OK');
      call.cancel();
    });
    call.on('error', () => undefined);
    call.on('status', ({ code }) => {
      resolve(status[code]);
    });
    call.write(Buffer.alloc(0));
    call.end();
  });
}

function reflection(client: Client, apiKey: string) {
  const folder = dirname(createRequire(import.meta.url).resolve('@grpc/reflection/package.json'));
  const proto = join(folder, 'build/proto/grpc/reflection/v1/reflection.proto');
  const definition = loadSync(proto, { oneofs: true, defaults: false })[service];
  if (definition === undefined || 'format' in definition) throw new Error(`${proto} has no ${service}`);
  const { path, requestSerialize, responseDeserialize } = definition['ServerReflectionInfo']!;
  return async (question: object): Promise<ReflectionAnswer> => {
    const call = client.makeBidiStreamRequest(path, requestSerialize, responseDeserialize, withKey(apiKey));
    call.write(question);
    call.end();
    for await (const answer of call) return answer as ReflectionAnswer;
    throw new Error('reflection did not answer');
  };
}

function methodsIn(bytes: Buffer): readonly string[] {
  const file: descriptor.IFileDescriptorProto = descriptor.FileDescriptorProto.decode(bytes).toJSON();
  const services = file.service ?? [];
  return services.flatMap(({ name, method = [] }) =>
    method.map((one) => `/${file.package ?? ''}.${name ?? ''}/${one.name ?? ''}`),
  );
}

function withKey(apiKey: string | undefined): Metadata {
  const metadata = new Metadata();
  if (apiKey !== undefined) metadata.set('authorization', `Bearer ${apiKey}`);
  return metadata;
}
