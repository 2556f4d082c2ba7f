import type { Collection__Output } from '../generated/symface/v1/Collection.js';
import type { CreateCollectionRequest } from '../generated/symface/v1/CreateCollectionRequest.js';
import type { CreateCollectionResponse__Output } from '../generated/symface/v1/CreateCollectionResponse.js';
import type { CreateSubjectRequest } from '../generated/symface/v1/CreateSubjectRequest.js';
import type { CreateSubjectResponse__Output } from '../generated/symface/v1/CreateSubjectResponse.js';
import type { DeleteCollectionResponse__Output } from '../generated/symface/v1/DeleteCollectionResponse.js';
import type { DeleteEnrolledFaceResponse__Output } from '../generated/symface/v1/DeleteEnrolledFaceResponse.js';
import type { DeleteSubjectResponse__Output } from '../generated/symface/v1/DeleteSubjectResponse.js';
import type { EnrolledFace__Output } from '../generated/symface/v1/EnrolledFace.js';
import type { EnrollFacesRequest } from '../generated/symface/v1/EnrollFacesRequest.js';
import type { EnrollFacesResponse__Output } from '../generated/symface/v1/EnrollFacesResponse.js';
import type { EnrollmentServiceClient } from '../generated/symface/v1/EnrollmentService.js';
import type { GetCollectionResponse__Output } from '../generated/symface/v1/GetCollectionResponse.js';
import type { GetEnrolledFaceResponse__Output } from '../generated/symface/v1/GetEnrolledFaceResponse.js';
import type { GetSubjectResponse__Output } from '../generated/symface/v1/GetSubjectResponse.js';
import type { ListCollectionsResponse__Output } from '../generated/symface/v1/ListCollectionsResponse.js';
import type { ListEnrolledFacesResponse__Output } from '../generated/symface/v1/ListEnrolledFacesResponse.js';
import type { ListSubjectsResponse__Output } from '../generated/symface/v1/ListSubjectsResponse.js';
import type { Subject__Output } from '../generated/symface/v1/Subject.js';
import type { UpdateCollectionRequest } from '../generated/symface/v1/UpdateCollectionRequest.js';
import type { UpdateCollectionResponse__Output } from '../generated/symface/v1/UpdateCollectionResponse.js';
import type { UpdateSubjectRequest } from '../generated/symface/v1/UpdateSubjectRequest.js';
import type { UpdateSubjectResponse__Output } from '../generated/symface/v1/UpdateSubjectResponse.js';
import { symFaceServices } from '../service/platform/grpc/proto-definition.js';
import { everyPage } from './every-page.js';
import type { Connection } from './connection.js';

/** Calls EnrollmentService. Names are resource names such as `collections/c/subjects/s`. */
export class EnrollmentClient {
  private readonly stub: EnrollmentServiceClient;

  constructor(private readonly connection: Connection) {
    const { EnrollmentService } = symFaceServices();
    this.stub = new EnrollmentService(connection.server, connection.credentials, connection.channelOptions);
  }

  createCollection(request: CreateCollectionRequest): Promise<CreateCollectionResponse__Output> {
    return this.connection.call((...call) => this.stub.createCollection(request, ...call));
  }

  getCollection(name: string): Promise<GetCollectionResponse__Output> {
    return this.connection.call((...call) => this.stub.getCollection({ name }, ...call));
  }

  /** Page after page, as they are asked for. */
  listCollections(pageSize = 0): AsyncGenerator<Collection__Output> {
    return everyPage(async (pageToken) => {
      const page: ListCollectionsResponse__Output = await this.connection.call((...call) =>
        this.stub.listCollections({ pageSize, pageToken }, ...call),
      );
      return { items: page.collections, nextPageToken: page.nextPageToken };
    });
  }

  updateCollection(request: UpdateCollectionRequest): Promise<UpdateCollectionResponse__Output> {
    return this.connection.call((...call) => this.stub.updateCollection(request, ...call));
  }

  deleteCollection(name: string): Promise<DeleteCollectionResponse__Output> {
    return this.connection.call((...call) => this.stub.deleteCollection({ name }, ...call));
  }

  createSubject(request: CreateSubjectRequest): Promise<CreateSubjectResponse__Output> {
    return this.connection.call((...call) => this.stub.createSubject(request, ...call));
  }

  getSubject(name: string): Promise<GetSubjectResponse__Output> {
    return this.connection.call((...call) => this.stub.getSubject({ name }, ...call));
  }

  /** Page after page, as they are asked for. */
  listSubjects(parent: string, pageSize = 0): AsyncGenerator<Subject__Output> {
    return everyPage(async (pageToken) => {
      const page: ListSubjectsResponse__Output = await this.connection.call((...call) =>
        this.stub.listSubjects({ parent, pageSize, pageToken }, ...call),
      );
      return { items: page.subjects, nextPageToken: page.nextPageToken };
    });
  }

  updateSubject(request: UpdateSubjectRequest): Promise<UpdateSubjectResponse__Output> {
    return this.connection.call((...call) => this.stub.updateSubject(request, ...call));
  }

  deleteSubject(name: string): Promise<DeleteSubjectResponse__Output> {
    return this.connection.call((...call) => this.stub.deleteSubject({ name }, ...call));
  }

  enrollFaces(request: EnrollFacesRequest): Promise<EnrollFacesResponse__Output> {
    return this.connection.call((...call) => this.stub.enrollFaces(request, ...call));
  }

  getEnrolledFace(name: string): Promise<GetEnrolledFaceResponse__Output> {
    return this.connection.call((...call) => this.stub.getEnrolledFace({ name }, ...call));
  }

  /** Page after page, as they are asked for. */
  listEnrolledFaces(parent: string, pageSize = 0): AsyncGenerator<EnrolledFace__Output> {
    return everyPage(async (pageToken) => {
      const page: ListEnrolledFacesResponse__Output = await this.connection.call((...call) =>
        this.stub.listEnrolledFaces({ parent, pageSize, pageToken }, ...call),
      );
      return { items: page.faces, nextPageToken: page.nextPageToken };
    });
  }

  deleteEnrolledFace(name: string): Promise<DeleteEnrolledFaceResponse__Output> {
    return this.connection.call((...call) => this.stub.deleteEnrolledFace({ name }, ...call));
  }

  close(): void {
    this.stub.close();
  }
}
