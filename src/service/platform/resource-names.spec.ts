import { describe, expect, it } from 'vitest';
import { Failure } from '../../core/failure.js';
import {
  collectionName,
  faceName,
  parseCollectionName,
  parseFaceName,
  parseSubjectName,
  requireTenant,
  subjectName,
} from './resource-names.js';

const faceId = '0b6e7f1c-9f61-4a8e-8a9c-0d5b6f3f9a11';
const key = { tenant: 'acme', collectionId: 'staff', subjectId: 'ada.l@x-1~+', faceId };

function violation(work: () => unknown): string | undefined {
  try {
    work();
  } catch (error) {
    if (error instanceof Failure) return error.fieldViolations[0]?.field;
    throw error;
  }
  return undefined;
}

describe('resource names', () => {
  it('are read back as they are written, for the tenant that asks', () => {
    expect(parseCollectionName(collectionName(key), 'acme', 'name')).toEqual({
      tenant: 'acme',
      collectionId: 'staff',
    });
    expect(parseSubjectName(subjectName(key), 'acme', 'name')).toMatchObject({ subjectId: key.subjectId });
    expect(parseFaceName(faceName(key), 'acme', 'name')).toEqual(key);
  });

  it.each([
    '',
    'staff',
    'collections/',
    'collections/Staff',
    'collections/-staff',
    `collections/${'x'.repeat(64)}`,
    'collections/staff/subjects/ada',
    'collections/../secrets',
    'collections/staff\u0000',
  ])('of collections are not %j', (name) => {
    expect(violation(() => parseCollectionName(name, 'acme', 'parent'))).toBe('parent');
  });

  it.each([
    'collections/staff/subjects/',
    'collections/staff/subjects/a b',
    'collections/staff/subjects/.hidden',
    `collections/staff/subjects/${'x'.repeat(129)}`,
    'collections/staff/subjects/ada/faces/1',
    'staff/ada',
  ])('of subjects are not %j', (name) => {
    expect(violation(() => parseSubjectName(name, 'acme', 'name'))).toBe('name');
  });

  it.each([
    'collections/staff/subjects/ada/faces/1',
    `collections/staff/faces/${faceId}`,
    `collections/staff/subjects/ada/faces/${faceId.toUpperCase()}`,
    faceId,
  ])('of faces are not %j', (name) => {
    expect(violation(() => parseFaceName(name, 'acme', 'name'))).toBe('name');
  });

  it('know tenants by a stricter rule', () => {
    expect(requireTenant('acme-2', 'tenant')).toBe('acme-2');
    for (const tenant of ['', 'Acme', 'a.b', '-a', 'a'.repeat(64)]) {
      expect(violation(() => requireTenant(tenant, 'tenant'))).toBe('tenant');
    }
  });
});
