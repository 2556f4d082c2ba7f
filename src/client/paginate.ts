import type { CallOptions } from './client-options.js';
import type { UnaryMethod } from './service-methods.js';

/** What the one repeated field of a page holds. */
type ItemOf<Page> = {
  [Field in keyof Page]: Page[Field] extends readonly (infer Item)[] ? Item : never;
}[keyof Page];

/**
 * The items of all pages of a list, in its order; the next page is asked for when the one before is used up.
 * @param list a method that answers page after page, such as `client.enrollment.listSubjects`
 * @param request what to list; `pageSize` says how much a call asks for
 */
export async function* paginate<
  Request extends { readonly pageToken?: string },
  Page extends { readonly nextPageToken: string },
>(
  list: UnaryMethod<Request, Page>,
  request: Request,
  options?: CallOptions,
): AsyncGenerator<ItemOf<Page>, void, undefined> {
  let pageToken = request.pageToken ?? '';
  do {
    const page = await list({ ...request, pageToken }, options);
    const items: unknown = Object.values(page).find(Array.isArray);
    if (isItemsOf<Page>(items)) yield* items;
    pageToken = page.nextPageToken;
  } while (pageToken !== '');
}

function isItemsOf<Page>(field: unknown): field is readonly ItemOf<Page>[] {
  return Array.isArray(field);
}
