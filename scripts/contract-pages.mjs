// The page about the contract: docs/api.md.

const intro = `# API

Made from the comments of [proto/symface/v1](../proto/symface/v1) by \`npm run docs\`; change it there.

- Server reflection and \`grpc.health.v1.Health\` are offered too. A message may have 66 MiB, an image in it 32 MiB.
- Names are paths (\`collections/staff/subjects/ada\`). Lists come in pages: send \`next_page_token\` as the next call's
  \`page_token\` until it is empty.
- A failed call says its reason in \`google.rpc.ErrorInfo\`: [errors](errors.md).
- Where the server asks for keys, a call carries \`authorization: Bearer {key}\`, and the key's role decides what it may call
  ([security](security.md#who-may-call)).
- \`optional\` fields tell "absent" from 0 or empty. Times are RFC 3339.
`;

/** docs/api.md: the services at a glance, every service with its methods and their messages, then the messages and enums that they share. */
export function apiPage(contract) {
  const ofMethods = new Set(
    contract.services.flatMap(({ methods }) =>
      methods.flatMap(({ request, response }) => [request, response]),
    ),
  );
  const shared = [...contract.messages.values()].filter(({ name }) => !ofMethods.has(name));
  return [
    intro,
    `${servicesTable(contract)}\n`,
    ...contract.services.map((service) => serviceSection(service, contract)),
    '## Messages\n',
    ...shared.sort(byName).map((message) => messageSection(message, contract, '###')),
    '## Enums\n',
    ...[...contract.enums.values()].sort(byName).map(enumSection),
  ].join('\n');
}

/** A service a row, with what it is for and its methods. */
function servicesTable(contract) {
  const rows = contract.services.map(
    ({ name, comment, methods }) =>
      `| [${name}](#${anchor(name)}) | ${cell(firstClause(comment))} | ${methods.map((method) => method.name).join(', ')} |`,
  );
  return ['| service | is for | methods |', '| --- | --- | --- |', ...rows].join('\n');
}

function serviceSection(service, contract) {
  const hasRoles = service.methods.some(({ role }) => role !== undefined);
  const head = hasRoles ? ['method', 'role', 'does'] : ['method', 'does'];
  const rows = service.methods.map(({ name, role, comment }) => {
    const does = cell(firstSentence(comment));
    const link = `[${name}](#${anchor(name)})`;
    return hasRoles ? [link, role ?? '', does] : [link, does];
  });
  return [
    `## ${service.name}\n`,
    `${prose(service.comment)}\n`,
    table(head, rows),
    ...service.methods.map((method) => methodSection(method, contract)),
  ].join('\n');
}

function methodSection(method, contract) {
  const request = `${method.streamsRequests ? 'stream of ' : ''}\`${method.request}\``;
  const response = `${method.streamsResponses ? 'stream of ' : ''}\`${method.response}\``;
  const role = method.role === undefined ? '' : ` Role: ${method.role}.`;
  return [
    `### ${method.name}\n`,
    `${request} → ${response}.${role}\n`,
    ...(method.comment === '' ? [] : [`${prose(method.comment)}\n`]),
    ...[method.request, method.response].map((name) =>
      messageSection(contract.messages.get(name), contract, '####'),
    ),
  ].join('\n');
}

function messageSection({ name, comment, fields }, contract, level) {
  const rows = fields.map((field) => [`\`${field.name}\``, typeCell(field, contract), cell(field.comment)]);
  return [
    `${level} ${name}\n`,
    ...(comment === '' ? [] : [`${prose(comment)}\n`]),
    fields.length === 0 ? 'No fields.\n' : table(['field', 'type', 'is'], rows),
  ].join('\n');
}

function enumSection({ name, comment, values }) {
  const rows = values.map((value) => [`\`${value.name}\``, cell(value.comment)]);
  return [
    `### ${name}\n`,
    ...(comment === '' ? [] : [`${prose(comment)}\n`]),
    table(['value', 'means'], rows),
  ].join('\n');
}

function typeCell({ type, oneof }, contract) {
  const isOurs = contract.messages.has(type.name) || contract.enums.has(type.name);
  const name = isOurs ? `[${type.name}](#${anchor(type.name)})` : `\`${type.name}\``;
  return `${type.prefix}${name}${oneof === undefined ? '' : `, one of \`${oneof}\``}`;
}

function table(head, rows) {
  const lines = [head, head.map(() => '---'), ...rows].map((cells) => `| ${cells.join(' | ')} |`);
  return `${lines.join('\n')}\n`;
}

/** Up to the first full stop or question mark; abbreviations like "e.g." are not used in the contract. */
function firstSentence(comment) {
  const [sentence = ''] = /^.*?[.?!](?=\s|$)/u.exec(comment) ?? [comment];
  return sentence;
}

/** The first sentence up to a colon, without its full stop. */
function firstClause(comment) {
  return firstSentence(comment).replace(/:.*$|\.$/u, '');
}

/** A comment as text of a page below docs/, whose names of other pages are links. */
function prose(comment) {
  return comment.replaceAll('<', '\\<').replaceAll(/docs\/([\w/-]+\.md)/gu, '[$1]($1)');
}

function cell(comment) {
  return prose(comment).replaceAll('|', '\\|');
}

function anchor(name) {
  return name.toLowerCase();
}

function byName(one, other) {
  return one.name < other.name ? -1 : 1;
}
