// The contract in proto/ as plain objects, comments included: what the pages about it are made of.
import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const projectFolder = fileURLToPath(new URL('..', import.meta.url));
const packageName = 'symface.v1';
/** What a client needs first comes first; the other services follow by name. */
const firstServices = ['FaceVerificationService', 'EnrollmentService'];

/** Numbers of fields in descriptor.proto, by which comments are found. */
const MESSAGES = 4;
const ENUMS = 5;
const SERVICES = 6;
const FIELDS = 2;
const VALUES = 2;
const METHODS = 2;

/**
 * Reads the contract with the protobuf compiler.
 * @returns services in the order in which they are shown, and messages and enums by name, each with its comment
 */
export function readContract() {
  const buf = join(projectFolder, 'node_modules/@bufbuild/buf/bin/buf');
  const image = execFileSync(process.execPath, [buf, 'build', '--output', '-#format=json'], {
    cwd: projectFolder,
    maxBuffer: 64 * 1024 * 1024,
  });
  return contractOf(JSON.parse(image.toString('utf8')));
}

/** @param image a FileDescriptorSet as JSON, with source information */
export function contractOf(image) {
  const files = image.file.filter((file) => file.package === packageName && !definesOptions(file));
  return {
    services: files
      .flatMap((file) => members(file, 'service', [SERVICES], serviceOf))
      .sort((one, other) => rank(one) - rank(other) || (one.name < other.name ? -1 : 1)),
    messages: byName(files.flatMap((file) => members(file, 'messageType', [MESSAGES], messageOf))),
    enums: byName(files.flatMap((file) => members(file, 'enumType', [ENUMS], enumOf))),
  };
}

function rank({ name }) {
  return firstServices.includes(name) ? firstServices.indexOf(name) : firstServices.length;
}

/** A file of options is about the contract, not part of what is sent. */
function definesOptions(file) {
  return file.extension !== undefined;
}

function byName(elements) {
  return new Map(elements.map((element) => [element.name, element]));
}

/** The elements of a descriptor's list, each by `read(element, comment, file, path)`. */
function members(file, list, path, read, parent = file) {
  return (parent[list] ?? []).map((element, index) => {
    const elementPath = [...path, index];
    return read(element, commentAt(file, elementPath), file, elementPath);
  });
}

/** The comment above an element as one line; empty where there is none. */
function commentAt(file, path) {
  const key = path.join('.');
  const location = file.sourceCodeInfo.location.find((candidate) => candidate.path?.join('.') === key);
  return (location?.leadingComments ?? '').replaceAll(/\s+/gu, ' ').trim();
}

function serviceOf(service, comment, file, path) {
  const methods = members(file, 'method', [...path, METHODS], methodOf, service);
  return { name: service.name, comment, methods };
}

function methodOf(method, comment) {
  return {
    name: method.name,
    comment,
    request: shortName(method.inputType),
    response: shortName(method.outputType),
    streamsRequests: method.clientStreaming === true,
    streamsResponses: method.serverStreaming === true,
    /** "none", "client" or "admin"; undefined where the contract does not say. */
    role: method.options?.[`[${packageName}.role]`]?.replace('ROLE_', '').toLowerCase(),
  };
}

function messageOf(message, comment, file, path) {
  const nested = new Map((message.nestedType ?? []).map((type) => [`${message.name}.${type.name}`, type]));
  const fields = members(
    file,
    'field',
    [...path, FIELDS],
    (field, fieldComment) => ({
      name: field.name,
      comment: fieldComment,
      type: typeOf(field, nested),
      oneof: field.proto3Optional === true ? undefined : message.oneofDecl?.[field.oneofIndex]?.name,
    }),
    message,
  );
  return { name: message.name, comment, fields };
}

/** How a field's type is written in the contract: `{ prefix: 'repeated ', name: 'Face' }`. */
function typeOf(field, nested) {
  const name =
    field.typeName === undefined ? field.type.replace('TYPE_', '').toLowerCase() : shortName(field.typeName);
  const entry = nested.get(name);
  if (entry?.options?.mapEntry === true) {
    const [key, value] = entry.field.map((part) => typeOf(part, nested).name);
    return { prefix: '', name: `map<${key}, ${value}>` };
  }
  if (field.label === 'LABEL_REPEATED') return { prefix: 'repeated ', name };
  return { prefix: field.proto3Optional === true ? 'optional ' : '', name };
}

function enumOf(declaration, comment, file, path) {
  const values = members(
    file,
    'value',
    [...path, VALUES],
    (value, valueComment) => ({ name: value.name, comment: valueComment }),
    declaration,
  );
  return { name: declaration.name, comment, values };
}

function shortName(typeName) {
  return typeName.replace(`.${packageName}.`, '').replace(/^\./u, '');
}
