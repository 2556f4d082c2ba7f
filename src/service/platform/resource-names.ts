import { invalidField } from '../../core/invalid-field.js';

/** A collection as one tenant sees it. */
export interface CollectionKey {
  readonly tenant: string;
  readonly collectionId: string;
}

export interface SubjectKey extends CollectionKey {
  readonly subjectId: string;
}

export interface FaceKey extends SubjectKey {
  readonly faceId: string;
}

const collectionIdPattern = /^[a-z0-9][a-z0-9._-]{0,62}$/u;
const subjectIdPattern = /^[A-Za-z0-9][A-Za-z0-9._~@+-]{0,127}$/u;
const faceIdPattern = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/u;
const tenantPattern = /^[a-z0-9][a-z0-9-]{0,62}$/u;

/** @throws Failure INVALID_ARGUMENT unless the id is one that a collection may have */
export function requireCollectionId(id: string, field: string): string {
  if (collectionIdPattern.test(id)) return id;
  throw invalidField(
    field,
    "must be 1 to 63 of a-z, 0-9, '.', '_' and '-', and begin with a letter or digit",
  );
}

/** @throws Failure INVALID_ARGUMENT unless the id is one that a subject may have */
export function requireSubjectId(id: string, field: string): string {
  if (subjectIdPattern.test(id)) return id;
  throw invalidField(
    field,
    "must be 1 to 128 of letters, digits, '.', '_', '~', '@', '+' and '-', and begin with a letter or digit",
  );
}

/** @throws Failure INVALID_ARGUMENT unless the name is one that a tenant may have */
export function requireTenant(tenant: string, field: string): string {
  if (tenantPattern.test(tenant)) return tenant;
  throw invalidField(field, "must be 1 to 63 of a-z, 0-9 and '-', and begin with a letter or digit");
}

export function collectionName({ collectionId }: Pick<CollectionKey, 'collectionId'>): string {
  return `collections/${collectionId}`;
}

export function subjectName(key: Pick<SubjectKey, 'collectionId' | 'subjectId'>): string {
  return `${collectionName(key)}/subjects/${key.subjectId}`;
}

export function faceName(key: Pick<FaceKey, 'collectionId' | 'subjectId' | 'faceId'>): string {
  return `${subjectName(key)}/faces/${key.faceId}`;
}

/** @throws Failure INVALID_ARGUMENT unless the name is "collections/{id}" */
export function parseCollectionName(name: string, tenant: string, field: string): CollectionKey {
  const [collections, collectionId = '', ...rest] = name.split('/');
  if (collections !== 'collections' || rest.length > 0 || !collectionIdPattern.test(collectionId)) {
    throw invalidField(field, 'must be "collections/{id}"');
  }
  return { tenant, collectionId };
}

/** @throws Failure INVALID_ARGUMENT unless the name is "collections/{collection}/subjects/{id}" */
export function parseSubjectName(name: string, tenant: string, field: string): SubjectKey {
  const [collections, collectionId = '', subjects, subjectId = '', ...rest] = name.split('/');
  const isName =
    collections === 'collections' &&
    subjects === 'subjects' &&
    rest.length === 0 &&
    collectionIdPattern.test(collectionId) &&
    subjectIdPattern.test(subjectId);
  if (!isName) throw invalidField(field, 'must be "collections/{collection}/subjects/{id}"');
  return { tenant, collectionId, subjectId };
}

/** @throws Failure INVALID_ARGUMENT unless the name is "collections/{collection}/subjects/{subject}/faces/{id}" */
export function parseFaceName(name: string, tenant: string, field: string): FaceKey {
  const match = /^(?<subject>.+)\/faces\/(?<faceId>[^/]+)$/u.exec(name);
  const { subject = '', faceId = '' } = match?.groups ?? {};
  if (!faceIdPattern.test(faceId)) {
    throw invalidField(field, 'must be "collections/{collection}/subjects/{subject}/faces/{id}"');
  }
  return { ...parseSubjectName(subject, tenant, field), faceId };
}
