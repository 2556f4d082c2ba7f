import type { JSX } from 'preact';
import type { PageProps } from '../../app/page-props.js';
import { CollectionPage } from './collection-page.js';
import { CollectionsPage } from './collections-page.js';
import { SubjectPage } from './subject-page.js';

/** Who is enrolled: collections, the subjects of one, the faces of one. */
export function PeoplePage({ rest: [collectionId, subjectId] }: PageProps): JSX.Element {
  if (collectionId === undefined || collectionId === '') return <CollectionsPage />;
  if (subjectId === undefined || subjectId === '') {
    return <CollectionPage key={collectionId} collectionId={collectionId} />;
  }
  return (
    <SubjectPage key={`${collectionId}/${subjectId}`} collectionId={collectionId} subjectId={subjectId} />
  );
}
