import { paginate } from '../../src/client/paginate.js';
import type { SymFaceClient } from '../../src/client/symface-client.js';

/** What belongs to a tenant, by its names. */
export interface Belongings {
  readonly collection: string;
  readonly subject: string;
  readonly face: string;
  readonly photograph: Buffer;
}

/** Every method that names what belongs to a tenant, as another tenant would call it. */
export function intrusions(
  client: SymFaceClient,
  { collection, subject, face, photograph }: Belongings,
): Record<string, () => Promise<unknown>> {
  const { enrollment } = client;
  const image = { content: photograph };
  return {
    'EnrollmentService/GetCollection': () => enrollment.getCollection({ name: collection }),
    'EnrollmentService/UpdateCollection': () =>
      enrollment.updateCollection({ name: collection, displayName: 'x' }),
    'EnrollmentService/DeleteCollection': () => enrollment.deleteCollection({ name: collection }),
    'EnrollmentService/CreateSubject': () =>
      enrollment.createSubject({ parent: collection, subjectId: 'eve' }),
    'EnrollmentService/GetSubject': () => enrollment.getSubject({ name: subject }),
    'EnrollmentService/ListSubjects': () => first(paginate(enrollment.listSubjects, { parent: collection })),
    'EnrollmentService/UpdateSubject': () =>
      enrollment.updateSubject({ name: subject, consentToTrain: true }),
    'EnrollmentService/MergeSubjects': () =>
      enrollment.mergeSubjects({ target: subject, source: `${subject}-2` }),
    'EnrollmentService/DeleteSubject': () => enrollment.deleteSubject({ name: subject }),
    'EnrollmentService/EnrollFaces': () => enrollment.enrollFaces({ parent: subject, images: [image] }),
    'EnrollmentService/GetEnrolledFace': () => enrollment.getEnrolledFace({ name: face }),
    'EnrollmentService/ListEnrolledFaces': () =>
      first(paginate(enrollment.listEnrolledFaces, { parent: subject })),
    'EnrollmentService/DeleteEnrolledFace': () => enrollment.deleteEnrolledFace({ name: face }),
    'EnrollmentService/VerifyTemplates': () => enrollment.verifyTemplates({ collection, repair: true }),
    'FaceVerificationService/VerifySubject': () => client.faceVerification.verifySubject({ subject, image }),
    'FaceVerificationService/Identify': () => client.faceVerification.identify({ collection, image }),
  };
}

async function first<T>(items: AsyncIterable<T>): Promise<T | undefined> {
  for await (const item of items) return item;
  return undefined;
}
