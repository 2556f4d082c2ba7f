import type { SymFaceServices } from '../../client/service-methods.js';
import type { EmbeddingOfFile } from '../embedding-file.js';
import { EXIT_ERROR, EXIT_OK } from '../exit-code.js';
import { errorLine } from '../report/error-line.js';
import type { Terminal } from '../terminal.js';

interface EnrolEmbeddingsOptions {
  /** The subject's name; it is created where it does not exist. */
  readonly parent: string;
  readonly displayName?: string;
  readonly allowDuplicates?: true;
  readonly json?: true;
}

/** As many as one call takes. */
const embeddingsPerCall = 16;

/**
 * Enrols a subject's faces by their embeddings, and prints what becomes of each.
 * @returns the exit code: {@link EXIT_ERROR} where one was refused
 */
export async function enrolEmbeddings(
  terminal: Terminal,
  enrollment: SymFaceServices['enrollment'],
  { parent, displayName, allowDuplicates, json }: EnrolEmbeddingsOptions,
  embeddings: readonly EmbeddingOfFile[],
): Promise<number> {
  const counts = { enrolled: 0, before: 0, refused: 0 };
  for (let start = 0; start < embeddings.length; start += embeddingsPerCall) {
    const part = embeddings.slice(start, start + embeddingsPerCall);
    const { results } = await enrollment.enrollFaces({
      parent,
      createSubject: true,
      embeddings: part.map(({ embedding }) => embedding),
      ...(displayName !== undefined && { displayName }),
      ...(allowDuplicates !== undefined && { allowDuplicates }),
    });
    for (const [index, { face, error, alreadyEnrolled }] of results.entries()) {
      const file = part[index]?.file ?? '';
      if (json)
        terminal.out(JSON.stringify({ file, face: face?.name, alreadyEnrolled, error: error?.message }));
      counts[error ? 'refused' : alreadyEnrolled ? 'before' : 'enrolled']++;
      if (error) terminal.err(`symface: ${file}: ${errorLine(error)}`);
    }
  }
  const before = counts.before === 0 ? '' : `, ${counts.before} were enrolled before`;
  const summary = `Enrolled ${counts.enrolled} of ${embeddings.length} embeddings${before}; ${counts.refused} refused.`;
  if (json) terminal.err(summary);
  else terminal.out(summary);
  return counts.refused === 0 ? EXIT_OK : EXIT_ERROR;
}
