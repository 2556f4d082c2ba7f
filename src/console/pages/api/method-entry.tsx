import type { JSX } from 'preact';
import { useSession } from '../../api/session.js';
import { CopyableCode } from '../../components/copyable-code.js';
import { type Column, ListTable } from '../../components/list-table.js';
import {
  type Operation,
  type Schema,
  bodyName,
  referredSchemas,
  requestToFillIn,
  schemaName,
} from './description.js';

interface MethodEntryProps {
  readonly path: string;
  readonly operation: Operation;
  readonly schemas: Readonly<Record<string, Schema>>;
}

/** One method, closed until somebody asks for it: a page of sixty open ones is not read. */
export function MethodEntry({ path, operation, schemas }: MethodEntryProps): JSX.Element {
  const { apiKey } = useSession();
  const request = bodyName(operation.requestBody);
  const response = bodyName(operation.responses[200]);
  const role = operation['x-role'];
  const streams = operation['x-streams'];
  const more = operation.description.slice(operation.summary.length).trim();
  const curl = curlOf(path, requestToFillIn(request, schemas), apiKey !== undefined);
  return (
    <details class="method">
      <summary>
        <strong>{path.split('/').at(-1)}</strong> <span class="muted">{operation.summary}</span>
      </summary>
      {more !== '' && <p>{more}</p>}
      <p class="row">
        <code>POST {path}</code>
        {role !== undefined && <span class="tag">role: {role}</span>}
        {streams !== undefined && <span class="tag">streams {streams}</span>}
      </p>
      {streams === undefined && <CopyableCode label="curl" code={curl} />}
      <Fields name={request} schemas={schemas} />
      <Fields name={response} schemas={schemas} />
      {referredSchemas([request, response], schemas).map((name) => (
        <details key={name}>
          <summary>
            <code>{name}</code>
          </summary>
          <Fields name={name} schemas={schemas} />
        </details>
      ))}
    </details>
  );
}

function curlOf(path: string, body: string, hasKeys: boolean): string {
  return [
    `curl ${window.location.origin}${path}`,
    ...(hasKeys ? ['--header "Authorization: Bearer $SYMFACE_API_KEY"'] : []),
    "--header 'Content-Type: application/json'",
    `--data '${body}'`,
  ].join(' \\\n  ');
}

interface FieldsProps {
  readonly name: string;
  readonly schemas: Readonly<Record<string, Schema>>;
}

function Fields({ name, schemas }: FieldsProps): JSX.Element {
  const { properties, description = '', enum: values } = schemas[name] ?? {};
  if (values !== undefined) return <Values name={name} values={values} description={description} />;
  const fields = Object.entries(properties ?? {});
  return (
    <>
      <h3>{name}</h3>
      {description !== '' && <p>{description}</p>}
      {fields.length === 0 ? (
        <p class="muted">No fields.</p>
      ) : (
        <ListTable
          label={`Fields of ${name}`}
          columns={fieldColumns}
          rows={fields}
          keyOf={([field]) => field}
        />
      )}
    </>
  );
}

const fieldColumns: readonly Column<[string, Schema]>[] = [
  { heading: 'Field', kind: 'name', cell: ([field]) => <code>{field}</code> },
  { heading: 'Type', cell: ([, schema]) => schemaName(schema) },
  { heading: 'Is', cell: ([, schema]) => schema.description ?? '' },
];

interface ValuesProps {
  readonly name: string;
  readonly values: readonly string[];
  /** Of the enum, then of the values that have one, "NAME: what it means", in paragraphs. */
  readonly description: string;
}

function Values({ name, values, description }: ValuesProps): JSX.Element {
  const paragraphs = description.split('\n\n');
  const meaningOf = (value: string): string =>
    paragraphs.find((text) => text.startsWith(`${value}: `))?.slice(value.length + 2) ?? '';
  return (
    <ListTable
      label={`Values of ${name}`}
      columns={[
        { heading: 'Value', kind: 'name', cell: (value) => <code>{value}</code> },
        { heading: 'Is', cell: meaningOf },
      ]}
      rows={values}
      keyOf={(value) => value}
    />
  );
}
