import {
  photographOfAnotherPerson,
  photographOfOnePerson,
  photographOfTwoPersons,
  secondPhotographOfThatPerson,
} from '../support/npm-photographs.js';

/** Photographs that attacks are made of; JPEG files. */
export interface AttackPhotographs {
  readonly person: Buffer;
  readonly personAgain: Buffer;
  readonly other: Buffer;
  readonly two: Buffer;
}

export async function attackPhotographs(): Promise<AttackPhotographs> {
  const [person, personAgain, other, two] = await Promise.all([
    photographOfOnePerson(),
    secondPhotographOfThatPerson(),
    photographOfAnotherPerson(),
    photographOfTwoPersons(),
  ]);
  return { person, personAgain, other, two };
}
