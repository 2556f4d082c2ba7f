/** The last part of a resource's name: "ada" of "collections/staff/subjects/ada". */
export function idOf(name: string): string {
  return name.slice(name.lastIndexOf('/') + 1);
}

export function collectionNamed(id: string): string {
  return `collections/${id}`;
}

export function subjectNamed(collectionId: string, subjectId: string): string {
  return `collections/${collectionId}/subjects/${subjectId}`;
}
