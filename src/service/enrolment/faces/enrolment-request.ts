import { createHash } from 'node:crypto';
import { Failure } from '../../../core/failure.js';
import type { TrustedEmbedding } from '../../verification/verification-request.js';

export interface EnrolFacesCommand {
  /** The subject's name. */
  readonly parent: string;
  readonly source: EnrolmentSource;
  readonly selection: 'exactly-one' | 'largest';
  /** The id that makes the call repeatable; it is not where this is empty. */
  readonly requestId: string;
  readonly createSubject: boolean;
  /** The display name of the subject that is created; one that is there keeps its own. */
  readonly displayName: string;
  /** Whether images that another subject of the collection has are enrolled, too. */
  readonly allowDuplicates: boolean;
}

/** What is enrolled: encoded photographs, or embeddings that the caller answers for. */
export type EnrolmentSource =
  { readonly images: readonly Uint8Array[] } | { readonly embeddings: readonly TrustedEmbedding[] };

/** The digest of everything that decides the outcome, so that the same id with another request is noticed. */
export function digestOf({ source, ...command }: EnrolFacesCommand): Uint8Array {
  const { parent, selection, createSubject, displayName, allowDuplicates } = command;
  const decisive = [parent, selection, createSubject, displayName, allowDuplicates];
  const hash = createHash('sha256').update(JSON.stringify(decisive));
  for (const part of partsOf(source)) hash.update(createHash('sha256').update(part).digest());
  return hash.digest();
}

/** What is enrolled, as bytes. */
export function partsOf(source: EnrolmentSource): readonly Uint8Array[] {
  if ('images' in source) return source.images;
  return source.embeddings.map(({ values, modelVersion }) =>
    Buffer.concat([
      Buffer.from(`${modelVersion}\n`),
      Buffer.from(values.buffer, values.byteOffset, values.byteLength),
    ]),
  );
}

/** @throws Failure REQUEST_ID_REUSED where the id was another request's, whose digest this is */
export function requireSameRequest(recorded: Uint8Array, digest: Uint8Array): void {
  if (Buffer.from(recorded).equals(digest)) return;
  const description = 'was used for another request within 24 hours; choose a new one for each enrolment';
  throw new Failure('REQUEST_ID_REUSED', `request_id ${description}.`, { field: 'request_id' }, [
    { field: 'request_id', description },
  ]);
}
