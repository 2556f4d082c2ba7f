import type { Metadata } from '@grpc/grpc-js';
import { Controller, Inject, UseFilters } from '@nestjs/common';
import { GrpcMethod } from '@nestjs/microservices';
import { ManageCollections } from './manage-collections.js';
import { ManageSubjects } from '../subjects/manage-subjects.js';
import { MergeSubjects } from '../subjects/merge-subjects.js';
import type { Collection as CollectionMessage } from '../../../generated/symface/v1/Collection.js';
import type { CreateCollectionRequest__Output } from '../../../generated/symface/v1/CreateCollectionRequest.js';
import type { CreateCollectionResponse } from '../../../generated/symface/v1/CreateCollectionResponse.js';
import type { CreateSubjectRequest__Output } from '../../../generated/symface/v1/CreateSubjectRequest.js';
import type { CreateSubjectResponse } from '../../../generated/symface/v1/CreateSubjectResponse.js';
import type { DeleteCollectionRequest__Output } from '../../../generated/symface/v1/DeleteCollectionRequest.js';
import type { DeleteCollectionResponse } from '../../../generated/symface/v1/DeleteCollectionResponse.js';
import type { DeleteSubjectRequest__Output } from '../../../generated/symface/v1/DeleteSubjectRequest.js';
import type { DeleteSubjectResponse } from '../../../generated/symface/v1/DeleteSubjectResponse.js';
import type { GetCollectionRequest__Output } from '../../../generated/symface/v1/GetCollectionRequest.js';
import type { GetCollectionResponse } from '../../../generated/symface/v1/GetCollectionResponse.js';
import type { GetSubjectRequest__Output } from '../../../generated/symface/v1/GetSubjectRequest.js';
import type { GetSubjectResponse } from '../../../generated/symface/v1/GetSubjectResponse.js';
import type { IndexCollectionRequest__Output } from '../../../generated/symface/v1/IndexCollectionRequest.js';
import type { IndexCollectionResponse } from '../../../generated/symface/v1/IndexCollectionResponse.js';
import type { ListCollectionsRequest__Output } from '../../../generated/symface/v1/ListCollectionsRequest.js';
import type { ListCollectionsResponse } from '../../../generated/symface/v1/ListCollectionsResponse.js';
import type { ListSubjectsRequest__Output } from '../../../generated/symface/v1/ListSubjectsRequest.js';
import type { ListSubjectsResponse } from '../../../generated/symface/v1/ListSubjectsResponse.js';
import type { MergeSubjectsRequest__Output } from '../../../generated/symface/v1/MergeSubjectsRequest.js';
import type { MergeSubjectsResponse } from '../../../generated/symface/v1/MergeSubjectsResponse.js';
import type { UpdateCollectionRequest__Output } from '../../../generated/symface/v1/UpdateCollectionRequest.js';
import type { UpdateCollectionResponse } from '../../../generated/symface/v1/UpdateCollectionResponse.js';
import type { UpdateSubjectRequest__Output } from '../../../generated/symface/v1/UpdateSubjectRequest.js';
import type { UpdateSubjectResponse } from '../../../generated/symface/v1/UpdateSubjectResponse.js';
import { callerOf } from '../../access/call-caller.js';
import {
  readQualityGate,
  toCollectionMessage,
  toReceiptMessage,
  toSubjectMessage,
} from '../enrolment-messages.js';
import type { Collection } from '../collection.js';
import { GalleryRoom } from '../gallery/gallery-room.js';
import { IndexCollection } from '../indexing/index-collection.js';
import { toIndexingMessage } from '../indexing/indexing-messages.js';
import { toJobMessage } from '../../jobs/job-messages.js';
import { FailureFilter } from '../../platform/grpc/failure.filter.js';
import { readDisplayName, readQuery } from '../../platform/grpc/request-fields.js';

const service = 'EnrollmentService';

/** symface.v1.EnrollmentService, as far as collections and subjects go. */
@UseFilters(FailureFilter)
@Controller()
export class CollectionsController {
  constructor(
    @Inject(ManageCollections) private readonly collections: ManageCollections,
    @Inject(ManageSubjects) private readonly subjects: ManageSubjects,
    @Inject(GalleryRoom) private readonly room: GalleryRoom,
    @Inject(IndexCollection) private readonly index: IndexCollection,
    @Inject(MergeSubjects) private readonly merge: MergeSubjects,
  ) {}

  @GrpcMethod(service, 'CreateCollection')
  async createCollection(
    request: CreateCollectionRequest__Output,
    metadata: Metadata,
  ): Promise<CreateCollectionResponse> {
    const { collectionId, searchable, defaultConsentToTrain } = request;
    const command = {
      collectionId,
      displayName: readDisplayName(request.displayName),
      qualityGate: readQualityGate(request.qualityGate),
      searchable,
      defaultConsentToTrain,
    };
    return { collection: this.toMessage(await this.collections.create(command, callerOf(metadata))) };
  }

  @GrpcMethod(service, 'GetCollection')
  async getCollection(
    { name }: GetCollectionRequest__Output,
    metadata: Metadata,
  ): Promise<GetCollectionResponse> {
    return { collection: this.toMessage(await this.collections.get(name, callerOf(metadata))) };
  }

  @GrpcMethod(service, 'ListCollections')
  async listCollections(
    request: ListCollectionsRequest__Output,
    metadata: Metadata,
  ): Promise<ListCollectionsResponse> {
    const { items, nextPageToken = '' } = await this.collections.list(request, callerOf(metadata));
    return { collections: items.map((collection) => this.toMessage(collection)), nextPageToken };
  }

  @GrpcMethod(service, 'UpdateCollection')
  async updateCollection(
    request: UpdateCollectionRequest__Output,
    metadata: Metadata,
  ): Promise<UpdateCollectionResponse> {
    const { name, displayName, defaultConsentToTrain } = request;
    const command = {
      name,
      displayName: displayName === undefined ? undefined : readDisplayName(displayName),
      defaultConsentToTrain,
      qualityGate: readQualityGate(request.qualityGate),
    };
    return { collection: this.toMessage(await this.collections.update(command, callerOf(metadata))) };
  }

  @GrpcMethod(service, 'IndexCollection')
  async indexCollection(
    { name, remove }: IndexCollectionRequest__Output,
    metadata: Metadata,
  ): Promise<IndexCollectionResponse> {
    const job = await this.index.execute(name, remove, callerOf(metadata));
    return { job: toJobMessage(job, { indexing: toIndexingMessage(job) }) };
  }

  @GrpcMethod(service, 'DeleteCollection')
  async deleteCollection(
    { name }: DeleteCollectionRequest__Output,
    metadata: Metadata,
  ): Promise<DeleteCollectionResponse> {
    return { receipt: toReceiptMessage(await this.collections.delete(name, callerOf(metadata))) };
  }

  @GrpcMethod(service, 'CreateSubject')
  async createSubject(
    request: CreateSubjectRequest__Output,
    metadata: Metadata,
  ): Promise<CreateSubjectResponse> {
    const { parent, subjectId, consentToTrain } = request;
    const displayName = readDisplayName(request.displayName);
    const command = { parent, subjectId, displayName, consentToTrain };
    return { subject: toSubjectMessage(await this.subjects.create(command, callerOf(metadata))) };
  }

  @GrpcMethod(service, 'GetSubject')
  async getSubject({ name }: GetSubjectRequest__Output, metadata: Metadata): Promise<GetSubjectResponse> {
    return { subject: toSubjectMessage(await this.subjects.get(name, callerOf(metadata))) };
  }

  @GrpcMethod(service, 'ListSubjects')
  async listSubjects(
    request: ListSubjectsRequest__Output,
    metadata: Metadata,
  ): Promise<ListSubjectsResponse> {
    const sought = readQuery(request.query);
    const page = await this.subjects.list(request.parent, sought, request, callerOf(metadata));
    return { subjects: page.items.map(toSubjectMessage), nextPageToken: page.nextPageToken ?? '' };
  }

  @GrpcMethod(service, 'UpdateSubject')
  async updateSubject(
    request: UpdateSubjectRequest__Output,
    metadata: Metadata,
  ): Promise<UpdateSubjectResponse> {
    const { name, displayName, consentToTrain } = request;
    const command = {
      name,
      displayName: displayName === undefined ? undefined : readDisplayName(displayName),
      consentToTrain,
    };
    return { subject: toSubjectMessage(await this.subjects.update(command, callerOf(metadata))) };
  }

  @GrpcMethod(service, 'MergeSubjects')
  async mergeSubjects(
    { target, source }: MergeSubjectsRequest__Output,
    metadata: Metadata,
  ): Promise<MergeSubjectsResponse> {
    const { subject, movedFaceCount } = await this.merge.execute(target, source, callerOf(metadata));
    return { subject: toSubjectMessage(subject), movedFaceCount };
  }

  @GrpcMethod(service, 'DeleteSubject')
  async deleteSubject(
    { name }: DeleteSubjectRequest__Output,
    metadata: Metadata,
  ): Promise<DeleteSubjectResponse> {
    return { receipt: toReceiptMessage(await this.subjects.delete(name, callerOf(metadata))) };
  }

  private toMessage(collection: Collection): CollectionMessage {
    return toCollectionMessage(collection, this.room);
  }
}
