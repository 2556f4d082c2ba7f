import type { JSX } from 'preact';
import { useSession } from '../../api/session.js';
import { CopyableCode } from '../../components/copyable-code.js';
import { type Operation, type Schema, bodyName, schemaName } from './description.js';

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
  return (
    <details class="method">
      <summary>
        <strong>{path.split('/').at(-1)}</strong> <span class="muted">{operation.summary}</span>
      </summary>
      <p>{operation.description}</p>
      <p class="row">
        <code>POST {path}</code>
        {role !== undefined && <span class="tag">role: {role}</span>}
        {streams !== undefined && <span class="tag">streams {streams}</span>}
      </p>
      {streams === undefined && <CopyableCode label="curl" code={curlOf(path, apiKey !== undefined)} />}
      <Fields name={request} schemas={schemas} />
      <Fields name={response} schemas={schemas} />
    </details>
  );
}

function curlOf(path: string, hasKeys: boolean): string {
  return [
    `curl ${window.location.origin}${path}`,
    ...(hasKeys ? ['--header "Authorization: Bearer $SYMFACE_API_KEY"'] : []),
    "--header 'Content-Type: application/json'",
    "--data '{}'",
  ].join(' \\\n  ');
}

interface FieldsProps {
  readonly name: string;
  readonly schemas: Readonly<Record<string, Schema>>;
}

function Fields({ name, schemas }: FieldsProps): JSX.Element {
  const { properties = {}, description = '' } = schemas[name] ?? {};
  const fields = Object.entries(properties);
  return (
    <>
      <h3>{name}</h3>
      {description !== '' && <p>{description}</p>}
      {fields.length === 0 ? (
        <p class="muted">No fields.</p>
      ) : (
        <div class="table-scroll">
          <table>
            <caption class="for-screen-readers">Fields of {name}</caption>
            <thead>
              <tr>
                <th scope="col">Field</th>
                <th scope="col">Type</th>
                <th scope="col">Is</th>
              </tr>
            </thead>
            <tbody>
              {fields.map(([field, schema]) => (
                <tr key={field}>
                  <td>
                    <code>{field}</code>
                  </td>
                  <td>{schemaName(schema)}</td>
                  <td>{schema.description ?? ''}</td>
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      )}
    </>
  );
}
