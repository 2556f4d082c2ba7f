// An OpenAPI 3.1 description of the contract as it is called over HTTP with JSON, made from the same comments as docs/api.md.

const scalars = {
  string: { type: 'string' },
  bytes: { type: 'string', contentEncoding: 'base64' },
  bool: { type: 'boolean' },
  double: { type: 'number', format: 'double' },
  float: { type: 'number', format: 'float' },
  int32: { type: 'integer', format: 'int32' },
  uint32: { type: 'integer', format: 'int64', minimum: 0 },
  // JSON's numbers cannot hold 64 bits: protobuf writes them as text, and reads both.
  int64: { type: ['string', 'integer'], format: 'int64' },
  uint64: { type: ['string', 'integer'], format: 'int64' },
};

/** @param contract of contract.mjs @param version of this package */
export function openApiOf(contract, version) {
  const methods = contract.services.flatMap((service) =>
    service.methods.map((method) => ({ service: service.name, ...method })),
  );
  return {
    openapi: '3.1.0',
    info: {
      title: 'SymFace',
      version,
      description:
        'The contract of the gRPC service, called over HTTP with JSON in the Connect protocol. Where the service asks for keys, send ' +
        '`Authorization: Bearer {key}`. A deadline is sent as `Connect-Timeout-Ms`. Methods that stream answer with ' +
        'Connect’s or gRPC-Web’s streams, which a generated client reads.',
      license: { name: 'MIT', identifier: 'MIT' },
    },
    servers: [{ url: '/' }],
    security: [{ apiKey: [] }, {}],
    tags: contract.services.map(({ name, comment }) => ({ name, description: comment })),
    paths: Object.fromEntries(methods.map((method) => [pathOf(method), { post: operationOf(method) }])),
    components: {
      securitySchemes: { apiKey: { type: 'http', scheme: 'bearer' } },
      responses: { Failure: failureResponse() },
      schemas: {
        ...Object.fromEntries([...contract.messages.values()].map((one) => [one.name, messageSchema(one)])),
        ...Object.fromEntries([...contract.enums.values()].map((one) => [one.name, enumSchema(one)])),
      },
    },
  };
}

function pathOf({ service, name }) {
  return `/symface.v1.${service}/${name}`;
}

function operationOf(method) {
  const isStream = method.streamsRequests || method.streamsResponses;
  const media = isStream ? 'application/connect+json' : 'application/json';
  const sent = method.streamsRequests ? 'A stream of messages.' : undefined;
  const answered = method.streamsResponses ? 'A stream of messages.' : 'The answer.';
  return {
    tags: [method.service],
    operationId: `${method.service}.${method.name}`,
    summary: firstSentence(method.comment),
    description: method.comment,
    ...(method.role === undefined ? {} : { 'x-role': method.role }),
    ...(isStream ? { 'x-streams': streamsOf(method) } : {}),
    requestBody: {
      required: true,
      ...(sent ? { description: sent } : {}),
      ...content(media, method.request),
    },
    responses: {
      200: { description: answered, ...content(media, method.response) },
      default: { $ref: '#/components/responses/Failure' },
    },
  };
}

function streamsOf({ streamsRequests, streamsResponses }) {
  if (streamsRequests && streamsResponses) return 'both (needs HTTP/2: gRPC)';
  return streamsRequests ? 'requests' : 'responses';
}

function content(media, message) {
  return { content: { [media]: { schema: reference(message) } } };
}

function reference(name) {
  return { $ref: `#/components/schemas/${name}` };
}

function messageSchema({ comment, fields }) {
  return {
    type: 'object',
    ...described(comment),
    properties: Object.fromEntries(fields.map((field) => [jsonName(field.name), fieldSchema(field)])),
    additionalProperties: false,
  };
}

function fieldSchema({ comment, type, oneof }) {
  const text = oneof === undefined ? comment : `${comment} One of "${oneof}".`.trim();
  const map = /^map<\w+, (?<value>[\w.]+)>$/u.exec(type.name)?.groups?.value;
  const one = typeSchema(map ?? type.name);
  if (map !== undefined) return { type: 'object', additionalProperties: one, ...described(text) };
  if (type.prefix === 'repeated ') return { type: 'array', items: one, ...described(text) };
  return { ...one, ...described(text) };
}

function typeSchema(name) {
  if (scalars[name] !== undefined) return scalars[name];
  // google.rpc.Status and the like are messages of others.
  return name.includes('.') ? { type: 'object' } : reference(name);
}

function enumSchema({ comment, values }) {
  const lines = values
    .filter((value) => value.comment !== '')
    .map((value) => `${value.name}: ${value.comment}`);
  return {
    type: 'string',
    ...described([comment, ...lines].filter((line) => line !== '').join('\n\n')),
    enum: values.map(({ name }) => name),
  };
}

function failureResponse() {
  const detail = {
    type: 'object',
    properties: {
      type: { type: 'string', description: 'Such as google.rpc.ErrorInfo.' },
      value: { type: 'string', description: 'The message in base64.' },
      debug: { description: 'The message as JSON. Of an ErrorInfo: reason, domain, metadata.' },
    },
  };
  const schema = {
    type: 'object',
    properties: {
      code: { type: 'string', description: 'The gRPC code in small letters, such as invalid_argument.' },
      message: { type: 'string', description: 'What went wrong and what to do.' },
      details: { type: 'array', items: detail },
    },
  };
  return {
    description: 'What went wrong, with the reason of docs/errors.md in its details.',
    content: { 'application/json': { schema } },
  };
}

function described(text) {
  return text === '' ? {} : { description: text };
}

function firstSentence(text) {
  return /^.*?[.?!](?=\s|$)/u.exec(text)?.[0] ?? text;
}

function jsonName(name) {
  return name.replaceAll(/_(\w)/gu, (_, letter) => letter.toUpperCase());
}
