/** What a page is shown with: the parts of the address after its own. */
export interface PageProps {
  readonly rest: readonly string[];
}
