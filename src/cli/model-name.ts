const COLLECTION = 'modelVersions/';

/** The resource name of a model version that the user gives by id or by full name. */
export function modelVersionName(idOrName: string): string {
  return idOrName.startsWith(COLLECTION) ? idOrName : `${COLLECTION}${idOrName}`;
}

/** The id, which is what the commands take and show. */
export function modelVersionId(name: string): string {
  return name.startsWith(COLLECTION) ? name.slice(COLLECTION.length) : name;
}
