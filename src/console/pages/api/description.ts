/** What of the OpenAPI description (scripts/openapi.mjs) the page shows. */
export interface ApiDescription {
  readonly info: { readonly version: string };
  readonly tags: readonly { readonly name: string; readonly description: string }[];
  readonly paths: Readonly<Record<string, { readonly post: Operation }>>;
  readonly components: { readonly schemas: Readonly<Record<string, Schema>> };
}

export interface Operation {
  readonly tags: readonly string[];
  readonly summary: string;
  readonly description: string;
  readonly 'x-role'?: string;
  readonly 'x-streams'?: string;
  readonly requestBody: Content;
  readonly responses: { readonly 200: Content };
}

interface Content {
  readonly content: Readonly<Record<string, { readonly schema: Schema }>>;
}

export interface Schema {
  readonly $ref?: string;
  readonly type?: string | readonly string[];
  readonly format?: string;
  readonly contentEncoding?: string;
  readonly description?: string;
  readonly items?: Schema;
  readonly additionalProperties?: Schema | false;
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly enum?: readonly string[];
}

/** Fetches the description that lies beside the page. @throws TypeError where it cannot be fetched */
export async function fetchDescription(signal: AbortSignal): Promise<ApiDescription> {
  const answer = await fetch('./openapi.json', { signal });
  if (!answer.ok) throw new TypeError(`the description is not there (${answer.status})`);
  return (await answer.json()) as ApiDescription;
}

/** The name of the schema that a body is of. */
export function bodyName({ content }: Content): string {
  const [body] = Object.values(content);
  return body === undefined ? '' : schemaName(body.schema);
}

/** What a field's type is called: "string (base64)", "Face[]", "map of string". */
export function schemaName(schema: Schema): string {
  if (schema.$ref !== undefined) return schema.$ref.split('/').at(-1) ?? '';
  if (schema.items !== undefined) return `${schemaName(schema.items)}[]`;
  if (schema.additionalProperties !== undefined && schema.additionalProperties !== false) {
    return `map of ${schemaName(schema.additionalProperties)}`;
  }
  const type = Array.isArray(schema.type) ? schema.type.join(' or ') : String(schema.type ?? 'object');
  const detail = schema.contentEncoding ?? schema.format;
  return detail === undefined ? type : `${type} (${detail})`;
}

/** The schemas that those named refer to, directly and by others, without themselves; in the order in which a reader meets them. */
export function referredSchemas(
  names: readonly string[],
  schemas: Readonly<Record<string, Schema>>,
): readonly string[] {
  const met = new Set(names);
  // A set is walked in the order of insertion, and what is added meanwhile comes, too.
  for (const name of met) {
    for (const field of Object.values(schemas[name]?.properties ?? {})) {
      const one = referredBy(field);
      if (one !== undefined && schemas[one] !== undefined) met.add(one);
    }
  }
  return [...met].filter((name) => !names.includes(name));
}

function referredBy({ $ref, items, additionalProperties }: Schema): string | undefined {
  if ($ref !== undefined) return $ref.split('/').at(-1);
  if (items !== undefined) return referredBy(items);
  return typeof additionalProperties === 'object' ? referredBy(additionalProperties) : undefined;
}

/**
 * A request to fill in: its texts and its images, without which few methods do anything. All other fields mean the default where they
 * are left out.
 */
export function requestToFillIn(name: string, schemas: Readonly<Record<string, Schema>>): string {
  const fields = Object.entries(schemas[name]?.properties ?? {}).flatMap(([field, schema]) => {
    const value = valueToFillIn(field, schema);
    return value === undefined ? [] : [[field, value] as const];
  });
  return JSON.stringify(Object.fromEntries(fields));
}

function valueToFillIn(field: string, schema: Schema): unknown {
  if (schema.items !== undefined) {
    const item = valueToFillIn(field, schema.items);
    return item === undefined ? undefined : [item];
  }
  if (schema.$ref !== undefined) return schemaName(schema) === 'Image' ? { content: '…' } : undefined;
  return schema.type === 'string' && field !== 'pageToken' ? '…' : undefined;
}
