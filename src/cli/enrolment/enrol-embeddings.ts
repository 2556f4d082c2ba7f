import type { SymFaceServices } from '../../client/service-methods.js';
import type { EmbeddingOfFile } from '../embedding-file.js';
import { EXIT_ERROR, EXIT_OK } from '../exit-code.js';
import { errorLine } from '../report/error-line.js';
import type { Terminal } from '../terminal.js';

/** As many as one call takes. */
const embeddingsPerCall = 16;

/**
 * Enrols a subject's faces by their embeddings, and prints what becomes of each.
 * @param parent the subject's name; it is created where it does not exist
 * @returns the exit code: {@link EXIT_ERROR} where one was refused
 */
export async function enrolEmbeddings(
  terminal: Terminal,
  enrollment: SymFaceServices['enrollment'],
  parent: string,
  embeddings: readonly EmbeddingOfFile[],
  json: boolean,
): Promise<number> {
  let refused = 0;
  for (let start = 0; start < embeddings.length; start += embeddingsPerCall) {
    const part = embeddings.slice(start, start + embeddingsPerCall);
    const request = { parent, createSubject: true, embeddings: part.map(({ embedding }) => embedding) };
    const { results } = await enrollment.enrollFaces(request);
    for (const [index, { face, error }] of results.entries()) {
      const file = part[index]?.file ?? '';
      if (json) terminal.out(JSON.stringify({ file, face: face?.name, error: error?.message }));
      if (!error) continue;
      refused++;
      terminal.err(`symface: ${file}: ${errorLine(error)}`);
    }
  }
  const summary = `Enrolled ${embeddings.length - refused} of ${embeddings.length} embeddings; ${refused} refused.`;
  if (json) terminal.err(summary);
  else terminal.out(summary);
  return refused === 0 ? EXIT_OK : EXIT_ERROR;
}
