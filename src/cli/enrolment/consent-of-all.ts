import { paginate } from '../../client/paginate.js';
import type { SymFaceClient } from '../../client/symface-client.js';

/** How far {@link setConsentOfAll} got: all subjects, and those that had another answer before. */
interface ConsentCounts {
  readonly count: number;
  readonly changed: number;
}

/**
 * Gives every subject of a collection the same consent to train. Where a call fails, those before it have it already, and the same
 * command goes on.
 * @param parent the collection's name
 * @throws RemoteFailure
 */
export async function setConsentOfAll(
  enrollment: SymFaceClient['enrollment'],
  parent: string,
  consentToTrain: boolean,
): Promise<ConsentCounts> {
  const subjects = [];
  for await (const subject of paginate(enrollment.listSubjects, { parent, pageSize: 1000 }))
    subjects.push(subject);
  const others = subjects.filter((subject) => subject.consentToTrain !== consentToTrain);
  for (const { name } of others) await enrollment.updateSubject({ name, consentToTrain });
  return { count: subjects.length, changed: others.length };
}
