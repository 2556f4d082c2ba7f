import type { ServerReadableStream } from '@grpc/grpc-js';
import { Failure } from '../../core/failure.js';
import type { ImportModelVersionRequest__Output } from '../../generated/symface/v1/ImportModelVersionRequest.js';
import { invalidField } from '../../core/invalid-field.js';

/** The largest graph that is taken, 512 MiB: twice an ArcFace ResNet-100 in single precision. */
const maximumGraphBytes = 512 * 1024 * 1024;

export interface ModelUpload {
  readonly manifestJson: string;
  readonly graph: Uint8Array;
}

/**
 * Reads an ImportModelVersion stream to its end.
 * @throws Failure INVALID_ARGUMENT where the order is wrong or a part is missing, MODEL_INVALID where the graph
 *   is too large, CANCELLED where the client goes away
 */
export async function collectModelUpload(
  stream: Pick<ServerReadableStream<ImportModelVersionRequest__Output, unknown>, 'on' | 'cancelled'> &
    AsyncIterable<ImportModelVersionRequest__Output>,
): Promise<ModelUpload> {
  const chunks: Buffer[] = [];
  let manifestJson: string | undefined;
  let graphBytes = 0;
  for await (const { payload, manifestJson: manifest, graphChunk } of stream) {
    if (payload === 'manifestJson') {
      if (manifestJson !== undefined) throw invalidField('manifest_json', 'was sent twice');
      manifestJson = manifest ?? '';
    } else {
      if (manifestJson === undefined) throw invalidField('manifest_json', 'must be the first message');
      const chunk = graphChunk ?? Buffer.alloc(0);
      graphBytes += chunk.length;
      if (graphBytes > maximumGraphBytes) throw tooLarge();
      chunks.push(chunk);
    }
  }
  if (stream.cancelled) throw new Failure('CANCELLED', 'The client cancelled the upload.');
  if (manifestJson === undefined) throw invalidField('manifest_json', 'is missing');
  if (graphBytes === 0) throw invalidField('graph_chunk', 'is missing: no byte of the graph was sent');
  return { manifestJson, graph: Buffer.concat(chunks, graphBytes) };
}

function tooLarge(): Failure {
  return new Failure('MODEL_INVALID', `The graph is larger than ${maximumGraphBytes} bytes.`, {
    maximum_bytes: String(maximumGraphBytes),
  });
}
