import { Option } from 'commander';
import { collectionName, subjectName } from '../service/platform/resource-names.js';

const defaultCollection = 'faces';

export interface CollectionOption {
  readonly collection: string;
}

/** The option `--collection`. */
export function collectionOption(): Option {
  return new Option('--collection <id>', 'the collection').default(defaultCollection);
}

/** The resource name of a collection that the user gives by id. */
export function collectionNameOf(collectionId: string): string {
  return collectionName({ collectionId });
}

/** The resource name of a subject that the user gives by id. */
export function subjectNameOf(collectionId: string, subjectId: string): string {
  return subjectName({ collectionId, subjectId });
}

/** The last part of a resource name, which is what the commands take and show. */
export function idIn(name: string): string {
  return name.slice(name.lastIndexOf('/') + 1);
}

/** A subject for people: its id, and the name that it is shown with where it has one. */
export function namedSubject(id: string, displayName: string): string {
  return displayName === '' ? id : `${id} (${displayName})`;
}
