import { type Metadata, type ServerDuplexStream, type ServerUnaryCall, status } from '@grpc/grpc-js';
import { Controller, Inject, UseFilters } from '@nestjs/common';
import { GrpcMethod, GrpcStreamCall } from '@nestjs/microservices';
import { InferenceEngine } from '../../inference/workers/inference-engine.js';
import { DetectFaces } from './detect-faces.js';
import { EmbedFaces } from './embed-faces.js';
import type { VerificationOptions } from './verification-request.js';
import { type VerificationResult, VerifyFaces } from './verify-faces.js';
import type { BatchVerifyRequest__Output } from '../../generated/symface/v1/BatchVerifyRequest.js';
import type { BatchVerifyResponse } from '../../generated/symface/v1/BatchVerifyResponse.js';
import type { DetectFacesRequest__Output } from '../../generated/symface/v1/DetectFacesRequest.js';
import type { DetectFacesResponse } from '../../generated/symface/v1/DetectFacesResponse.js';
import type { EmbedRequest__Output } from '../../generated/symface/v1/EmbedRequest.js';
import type { EmbedResponse } from '../../generated/symface/v1/EmbedResponse.js';
import type { StreamVerifyRequest__Output } from '../../generated/symface/v1/StreamVerifyRequest.js';
import type { StreamVerifyResponse } from '../../generated/symface/v1/StreamVerifyResponse.js';
import type { VerifyManyRequest__Output } from '../../generated/symface/v1/VerifyManyRequest.js';
import type { VerifyManyResponse } from '../../generated/symface/v1/VerifyManyResponse.js';
import type { VerifyRequest__Output } from '../../generated/symface/v1/VerifyRequest.js';
import type { VerifyResponse } from '../../generated/symface/v1/VerifyResponse.js';
import type { VerifyResult } from '../../generated/symface/v1/VerifyResult.js';
import { type AnyCall, withCallControl } from '../platform/grpc/call-signal.js';
import { originOf } from '../platform/grpc/call-origin.js';
import { toEmbeddingMessage, toFaceMessage, toVerifyResponse } from './face-messages.js';
import { FailureFilter } from '../platform/grpc/failure.filter.js';
import { GRPC_SETTINGS, type GrpcSettings } from '../platform/grpc/grpc-settings.js';
import {
  readImage,
  readQualityRequirement,
  readSelection,
  readSingleSelection,
  readThreshold,
} from './image-fields.js';
import { invalidField } from '../../core/invalid-field.js';
import { partStatus } from '../platform/grpc/rich-status.js';
import { serveStream } from '../platform/grpc/stream-window.js';

const service = 'FaceVerificationService';
const maximumBatchPairs = 64;
const maximumImages = 64;
const imagesOfPair = 2;
/** How long a stream is not read after a request was refused for being one too many. */
const refusedRestMs = 500;

/** symface.v1.FaceVerificationService: messages in, use cases, messages out. */
@UseFilters(FailureFilter)
@Controller()
export class FaceVerificationController {
  constructor(
    @Inject(DetectFaces) private readonly detect: DetectFaces,
    @Inject(EmbedFaces) private readonly embed: EmbedFaces,
    @Inject(VerifyFaces) private readonly verify: VerifyFaces,
    @Inject(InferenceEngine) private readonly engine: Pick<InferenceEngine, 'hasRoom'>,
    @Inject(GRPC_SETTINGS) private readonly settings: GrpcSettings,
  ) {}

  @GrpcMethod(service, 'DetectFaces')
  async detectFaces(
    request: DetectFacesRequest__Output,
    _metadata: Metadata,
    call: ServerUnaryCall<DetectFacesRequest__Output, DetectFacesResponse>,
  ): Promise<DetectFacesResponse> {
    const image = readImage(request.image, 'image');
    if (image.kind === 'aligned-crop') {
      throw invalidField('image.kind', 'must be a photograph: there is nothing to detect in an aligned crop');
    }
    const command = {
      encoded: image.encoded,
      selection: readSelection(request.faceSelection, 'all'),
      wantCrops: request.includeCrops,
    };
    const result = await this.controlled(call, (control) => this.detect.execute(command, control));
    return {
      faces: result.image.faces.map(toFaceMessage),
      imageWidth: result.image.width,
      imageHeight: result.image.height,
      detectorVersion: result.models.detectorId,
    };
  }

  @GrpcMethod(service, 'Embed')
  async embedFaces(
    request: EmbedRequest__Output,
    _metadata: Metadata,
    call: ServerUnaryCall<EmbedRequest__Output, EmbedResponse>,
  ): Promise<EmbedResponse> {
    const command = {
      ...readImage(request.image, 'image'),
      selection: readSelection(request.faceSelection, 'exactly-one'),
    };
    const result = await this.controlled(call, (control) => this.embed.execute(command, control));
    return {
      embeddings: result.image.faces.map(toEmbeddingMessage),
      modelVersion: result.models.backboneId,
      detectorVersion: result.models.detectorId,
    };
  }

  @GrpcMethod(service, 'Verify')
  async verifyFaces(
    request: VerifyRequest__Output,
    _metadata: Metadata,
    call: ServerUnaryCall<VerifyRequest__Output, VerifyResponse>,
  ): Promise<VerifyResponse> {
    return this.verifyPair(request, call);
  }

  @GrpcMethod(service, 'BatchVerify')
  async batchVerify(
    request: BatchVerifyRequest__Output,
    _metadata: Metadata,
    call: ServerUnaryCall<BatchVerifyRequest__Output, BatchVerifyResponse>,
  ): Promise<BatchVerifyResponse> {
    const { pairs } = request;
    if (pairs.length === 0 || pairs.length > maximumBatchPairs) {
      throw invalidField('pairs', `must hold 1 to ${maximumBatchPairs} pairs, not ${pairs.length}`);
    }
    const options = readOptions(request);
    const readable = pairs.map((pair, index) => attempted(() => readPair(pair, `pairs[${index}].`)));
    const valid = readable.flatMap((pair) => (pair.ok ? [pair.value] : []));
    const outcomes = await this.controlled(call, (control) =>
      this.verify.executeBatch(valid, options, control),
    );
    return { results: resultsInOrder(readable, outcomes) };
  }

  @GrpcMethod(service, 'VerifyMany')
  async verifyMany(
    request: VerifyManyRequest__Output,
    _metadata: Metadata,
    call: ServerUnaryCall<VerifyManyRequest__Output, VerifyManyResponse>,
  ): Promise<VerifyManyResponse> {
    const { images } = request;
    if (images.length === 0 || images.length > maximumImages) {
      throw invalidField('images', `must hold 1 to ${maximumImages} images, not ${images.length}`);
    }
    const probe = readImage(request.probe, 'probe');
    const options = readOptions(request);
    const readable = images.map((message, index) => {
      const field = `images[${index}]`;
      return attempted(() => ({ image: readImage(message, field), field }));
    });
    const valid = readable.flatMap((image) => (image.ok ? [image.value] : []));
    const outcomes = await this.controlled(call, (control) =>
      this.verify.executeMany(probe, valid, options, control),
    );
    return { results: resultsInOrder(readable, outcomes) };
  }

  /** Raw stream, so that a slow reader stops us from reading on (back-pressure). */
  @GrpcStreamCall(service, 'StreamVerify')
  streamVerify(stream: ServerDuplexStream<StreamVerifyRequest__Output, StreamVerifyResponse>): void {
    let isFirst = true;
    const answer = async ({
      correlationId,
      request,
    }: StreamVerifyRequest__Output): Promise<StreamVerifyResponse> => {
      try {
        // The first one was counted as the call.
        if (!isFirst) originOf(stream.metadata)?.nextRequest?.();
        isFirst = false;
        if (request === null) throw invalidField('request', 'is missing');
        return { correlationId, result: { response: await this.verifyPair(request, stream) } };
      } catch (error) {
        return { correlationId, result: { error: partStatus(error) } };
      }
    };
    serveStream(stream, {
      answer,
      hasRoom: () => this.engine.hasRoom(imagesOfPair, originOf(stream.metadata)?.share),
      restMs: ({ result }) =>
        result && 'error' in result && result.error?.code === status.RESOURCE_EXHAUSTED ? refusedRestMs : 0,
    });
  }

  private async verifyPair(request: VerifyRequest__Output, call: AnyCall): Promise<VerifyResponse> {
    const pair = {
      imageA: readImage(request.imageA, 'image_a'),
      imageB: readImage(request.imageB, 'image_b'),
    };
    const options = readOptions(request);
    return toVerifyResponse(
      await this.controlled(call, (control) => this.verify.execute(pair, options, control)),
    );
  }

  private async controlled<T>(call: AnyCall, work: Parameters<typeof withCallControl<T>>[2]): Promise<T> {
    return withCallControl(call, this.settings.defaultDeadlineMs, work);
  }
}

function readOptions(
  request: Pick<
    VerifyRequest__Output,
    'faceSelection' | 'similarityThreshold' | 'falseMatchRate' | 'quality'
  >,
): VerificationOptions {
  return {
    selection: readSingleSelection(request.faceSelection),
    threshold: readThreshold(request),
    quality: readQualityRequirement(request),
  };
}

type Pair = Parameters<VerifyFaces['execute']>[0];

function readPair(pair: BatchVerifyRequest__Output['pairs'][number], prefix: string): Pair {
  return {
    imageA: readImage(pair.imageA, `${prefix}image_a`),
    imageB: readImage(pair.imageB, `${prefix}image_b`),
  };
}

/** What was read of a request's part, or why it could not be: one part does not fail the others. */
type Attempted<T> =
  { readonly ok: true; readonly value: T } | { readonly ok: false; readonly error: unknown };

function attempted<T>(read: () => T): Attempted<T> {
  try {
    return { ok: true, value: read() };
  } catch (error) {
    return { ok: false, error };
  }
}

/** One result a part, in the request's order: those that could be read have an outcome each. */
function resultsInOrder(
  parts: readonly Attempted<unknown>[],
  outcomes: readonly VerificationResult[],
): VerifyResult[] {
  const following = outcomes.values();
  return parts.map((part): VerifyResult => {
    if (!part.ok) return { error: partStatus(part.error) };
    const { value: outcome } = following.next();
    if (outcome === undefined) throw new Error('fewer outcomes than parts that could be read');
    return outcome.ok
      ? { response: toVerifyResponse(outcome.verification) }
      : { error: partStatus(outcome.error) };
  });
}
