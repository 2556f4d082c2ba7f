import type { Metadata, ServerUnaryCall } from '@grpc/grpc-js';
import { Controller, Inject, UseFilters } from '@nestjs/common';
import { GrpcMethod } from '@nestjs/microservices';
import { CheckTemplates } from './check-templates.js';
import { EnrolFaces } from './enrol-faces.js';
import type { EnrolmentSource } from './enrolment-request.js';
import { ManageEnrolledFaces } from './manage-enrolled-faces.js';
import type { DeleteEnrolledFaceRequest__Output } from '../../../generated/symface/v1/DeleteEnrolledFaceRequest.js';
import type { DeleteEnrolledFaceResponse } from '../../../generated/symface/v1/DeleteEnrolledFaceResponse.js';
import type { EnrollFacesRequest__Output } from '../../../generated/symface/v1/EnrollFacesRequest.js';
import type { EnrollFacesResponse } from '../../../generated/symface/v1/EnrollFacesResponse.js';
import type { GetEnrolledFaceCropRequest__Output } from '../../../generated/symface/v1/GetEnrolledFaceCropRequest.js';
import type { GetEnrolledFaceCropResponse } from '../../../generated/symface/v1/GetEnrolledFaceCropResponse.js';
import type { GetEnrolledFaceRequest__Output } from '../../../generated/symface/v1/GetEnrolledFaceRequest.js';
import type { GetEnrolledFaceResponse } from '../../../generated/symface/v1/GetEnrolledFaceResponse.js';
import type { Image__Output } from '../../../generated/symface/v1/Image.js';
import type { ListEnrolledFacesRequest__Output } from '../../../generated/symface/v1/ListEnrolledFacesRequest.js';
import type { ListEnrolledFacesResponse } from '../../../generated/symface/v1/ListEnrolledFacesResponse.js';
import type { VerifyTemplatesRequest__Output } from '../../../generated/symface/v1/VerifyTemplatesRequest.js';
import type { VerifyTemplatesResponse } from '../../../generated/symface/v1/VerifyTemplatesResponse.js';
import type { Caller } from '../../access/caller.js';
import { callerOf } from '../../access/call-caller.js';
import { withCallControl } from '../../platform/grpc/call-signal.js';
import { toEnrolledFaceMessage, toEnrollResult, toReceiptMessage } from '../enrolment-messages.js';
import { FailureFilter } from '../../platform/grpc/failure.filter.js';
import { GRPC_SETTINGS, type GrpcSettings } from '../../platform/grpc/grpc-settings.js';
import { partStatus } from '../../platform/grpc/rich-status.js';
import { faceName } from '../../platform/resource-names.js';
import { readEmbedding } from '../../verification/embedding-fields.js';
import { readImage, readSingleSelection } from '../../verification/image-fields.js';
import { invalidField } from '../../../core/invalid-field.js';
import { readDisplayName, readText } from '../../platform/grpc/request-fields.js';

const service = 'EnrollmentService';
const maximumImages = 16;
const maximumRequestIdCharacters = 128;

/** symface.v1.EnrollmentService, as far as faces go. */
@UseFilters(FailureFilter)
@Controller()
export class EnrolledFacesController {
  constructor(
    @Inject(EnrolFaces) private readonly enrol: EnrolFaces,
    @Inject(ManageEnrolledFaces) private readonly faces: ManageEnrolledFaces,
    @Inject(CheckTemplates) private readonly templates: CheckTemplates,
    @Inject(GRPC_SETTINGS) private readonly settings: GrpcSettings,
  ) {}

  @GrpcMethod(service, 'EnrollFaces')
  async enrollFaces(
    request: EnrollFacesRequest__Output,
    metadata: Metadata,
    call: ServerUnaryCall<EnrollFacesRequest__Output, EnrollFacesResponse>,
  ): Promise<EnrollFacesResponse> {
    const { parent, createSubject, allowDuplicates } = request;
    const caller = callerOf(metadata);
    const command = {
      parent,
      source: readSource(request, caller),
      selection: readSingleSelection(request.faceSelection),
      requestId: readText(request.requestId, 'request_id', maximumRequestIdCharacters),
      createSubject,
      displayName: readDisplayName(request.displayName),
      allowDuplicates,
    };
    const result = await withCallControl(call, this.settings.defaultDeadlineMs, (control) =>
      this.enrol.execute(command, caller, control),
    );
    const { images, ...about } = result;
    return { results: images.map(toEnrollResult), ...about };
  }

  @GrpcMethod(service, 'GetEnrolledFace')
  async getFace(
    { name }: GetEnrolledFaceRequest__Output,
    metadata: Metadata,
  ): Promise<GetEnrolledFaceResponse> {
    return { face: toEnrolledFaceMessage(await this.faces.get(name, callerOf(metadata))) };
  }

  @GrpcMethod(service, 'GetEnrolledFaceCrop')
  async getCrop(
    { name }: GetEnrolledFaceCropRequest__Output,
    metadata: Metadata,
  ): Promise<GetEnrolledFaceCropResponse> {
    const image = await this.faces.viewCrop(name, callerOf(metadata));
    return { image: Buffer.from(image ?? []) };
  }

  @GrpcMethod(service, 'ListEnrolledFaces')
  async listFaces(
    request: ListEnrolledFacesRequest__Output,
    metadata: Metadata,
  ): Promise<ListEnrolledFacesResponse> {
    const page = await this.faces.list(request.parent, request, callerOf(metadata));
    return { faces: page.items.map(toEnrolledFaceMessage), nextPageToken: page.nextPageToken ?? '' };
  }

  @GrpcMethod(service, 'DeleteEnrolledFace')
  async deleteFace(
    { name }: DeleteEnrolledFaceRequest__Output,
    metadata: Metadata,
  ): Promise<DeleteEnrolledFaceResponse> {
    return { receipt: toReceiptMessage(await this.faces.delete(name, callerOf(metadata))) };
  }

  @GrpcMethod(service, 'VerifyTemplates')
  async verifyTemplates(
    request: VerifyTemplatesRequest__Output,
    metadata: Metadata,
    call: ServerUnaryCall<VerifyTemplatesRequest__Output, VerifyTemplatesResponse>,
  ): Promise<VerifyTemplatesResponse> {
    const checked = await withCallControl(call, this.settings.defaultDeadlineMs, (control) =>
      this.templates.execute(request, callerOf(metadata), control),
    );
    const { checkedFaceCount, modelVersion, unreadable, nextPageToken = '' } = checked;
    const unreadableTemplates = unreadable.map(({ face, repaired, error }) => ({
      face: faceName(face),
      repaired,
      ...(error !== undefined && { error: partStatus(error) }),
    }));
    return { checkedFaceCount, modelVersion, unreadableTemplates, nextPageToken };
  }
}

/** Photographs or embeddings, not both: results are in the order of one list. */
function readSource({ images, embeddings }: EnrollFacesRequest__Output, caller: Caller): EnrolmentSource {
  if (embeddings.length === 0) return { images: readImages(images) };
  if (images.length > 0) throw invalidField('embeddings', 'are sent instead of images, not beside them');
  if (embeddings.length > maximumImages)
    throw invalidField('embeddings', `must hold 1 to ${maximumImages} embeddings, not ${embeddings.length}`);
  return {
    embeddings: embeddings.map((embedding, index) =>
      readEmbedding(embedding, `embeddings[${index}]`, caller),
    ),
  };
}

/** An image without bytes is the request's fault and fails all: it is no photograph that might be taken again. */
function readImages(images: readonly Image__Output[]): readonly Uint8Array[] {
  if (images.length === 0 || images.length > maximumImages) {
    throw invalidField('images', `must hold 1 to ${maximumImages} images, not ${images.length}`);
  }
  return images.map((image, index) => {
    const field = `images[${index}]`;
    const { encoded, kind } = readImage(image, field);
    if (kind === 'photograph') return encoded;
    throw invalidField(
      `${field}.kind`,
      'must be a photograph: landmarks and frontness cannot be measured on an aligned crop',
    );
  });
}
