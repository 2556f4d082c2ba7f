import {
  create,
  type DescField,
  type DescMessage,
  type DescMethod,
  fromJson,
  type JsonObject,
  type JsonValue,
  toBinary,
} from '@bufbuild/protobuf';
import { contractRegistry, servicesOf } from '../../src/service/platform/http/bridge/contract-registry.js';
import type { AttackPhotographs } from './photographs.js';
import { collectionName, subjectName } from './target.js';

const registry = contractRegistry();

/** Every method of the contract, but those of libraries. */
export function contractMethods(): readonly DescMethod[] {
  return servicesOf(registry)
    .filter(({ typeName }) => typeName.startsWith('symface.'))
    .flatMap(({ methods }) => methods);
}

export function pathOf({ parent, name }: DescMethod): string {
  return `/${parent.typeName}/${name}`;
}

/** A field of a request, by the names that JSON has for it. */
export interface FieldPath {
  readonly names: readonly string[];
  readonly field: DescField;
}

/** The fields of a message and of the messages in it. */
export function fieldsOf(message: DescMessage, names: readonly string[] = []): readonly FieldPath[] {
  // Messages that hold themselves would never end.
  if (names.length > 3) return [];
  return message.fields.flatMap((field) => {
    const path = [...names, field.jsonName];
    if (field.fieldKind === 'message') return [{ names: path, field }, ...fieldsOf(field.message, path)];
    return [{ names: path, field }];
  });
}

/** A request with one field changed, as bytes. @returns undefined where JSON has no such value for the field */
export function requestWith(
  message: DescMessage,
  base: JsonObject,
  { names }: FieldPath,
  value: JsonValue,
): Uint8Array | undefined {
  try {
    return toBinary(message, fromJson(message, changed(base, names, value), { registry }));
  } catch {
    return undefined;
  }
}

export function emptyRequest(message: DescMessage): Uint8Array {
  return toBinary(message, create(message));
}

function changed(json: JsonObject, [name = '', ...rest]: readonly string[], value: JsonValue): JsonObject {
  if (rest.length === 0) return { ...json, [name]: value };
  const inner = json[name];
  const object = typeof inner === 'object' && inner !== null && !Array.isArray(inner) ? inner : {};
  return { ...json, [name]: changed(object, rest, value) };
}

/** Requests that would be right, by the methods' names; the others are empty. Nothing that they name is changed by them. */
export function rightRequests({ person }: AttackPhotographs): Readonly<Record<string, JsonObject>> {
  const image = { content: person.toString('base64') };
  const name = `${subjectName}/faces/00000000-0000-0000-0000-000000000000`;
  return {
    DetectFaces: { image },
    Embed: { image },
    VerifySubject: { subject: subjectName, image },
    Identify: { collection: collectionName, image },
    GetCollection: { name: collectionName },
    UpdateCollection: { name: collectionName },
    GetSubject: { name: subjectName },
    UpdateSubject: { name: subjectName },
    ListSubjects: { parent: collectionName },
    ListEnrolledFaces: { parent: subjectName },
    GetEnrolledFace: { name },
    GetEnrolledFaceCrop: { name },
    DeleteEnrolledFace: { name },
    VerifyTemplates: { collection: collectionName },
  };
}
