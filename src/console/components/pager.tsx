import type { JSX } from 'preact';
import { useState } from 'preact/hooks';

/** Where in a list with page tokens somebody is. */
export interface Paging {
  /** Of the page that is shown; empty of the first. */
  readonly token: string;
  readonly hasEarlier: boolean;
  readonly goOn: (nextToken: string) => void;
  readonly goBack: () => void;
  /** To the first page, as when a filter is changed. */
  readonly restart: () => void;
}

export function usePaging(): Paging {
  const [tokens, setTokens] = useState<readonly string[]>([]);
  return {
    token: tokens.at(-1) ?? '',
    hasEarlier: tokens.length > 0,
    goOn: (nextToken) => {
      setTokens((before) => [...before, nextToken]);
    },
    goBack: () => {
      setTokens((before) => before.slice(0, -1));
    },
    restart: () => {
      setTokens([]);
    },
  };
}

interface PagerProps {
  readonly paging: Paging;
  /** Empty on the last page. */
  readonly nextToken: string;
  /** What is listed: "Jobs". */
  readonly label: string;
}

/** The way to the next and the previous page; nothing where all is on one. */
export function Pager({ paging, nextToken, label }: PagerProps): JSX.Element | null {
  if (!paging.hasEarlier && nextToken === '') return null;
  return (
    <nav class="row pager" aria-label={`Pages of ${label}`}>
      <button type="button" class="button" disabled={!paging.hasEarlier} onClick={paging.goBack}>
        Previous
      </button>
      <button
        type="button"
        class="button"
        disabled={nextToken === ''}
        onClick={() => {
          paging.goOn(nextToken);
        }}
      >
        Next
      </button>
    </nav>
  );
}
