import type { ComponentType, JSX } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import { useIsAdmin } from '../api/session.js';
import { PageFrame } from '../components/page-frame.js';
import { NotFetched } from './not-fetched.js';
import type { PageProps } from './page-props.js';
import { pages } from './pages.js';
import type { Route } from './route.js';

interface Opened {
  readonly id: string;
  /** Undefined where its code could not be fetched. */
  readonly content: ComponentType<PageProps> | undefined;
}

/** The page that the address names. */
export function CurrentPage({ route }: { readonly route: Route }): JSX.Element {
  const isAdmin = useIsAdmin();
  const page = pages.find(({ id }) => id === route.page);
  const [opened, setOpened] = useState<Opened | undefined>(undefined);
  useEffect(() => {
    if (page === undefined) return undefined;
    let isWanted = true;
    const show = (content: ComponentType<PageProps> | undefined): void => {
      if (isWanted) setOpened({ id: page.id, content });
    };
    page.load().then(show, () => {
      show(undefined);
    });
    return () => {
      isWanted = false;
    };
  }, [page]);

  if (page === undefined) return <PageFrame title="No such page" lead="Choose one of the pages above." />;
  if (page.isForAdmins && !isAdmin) {
    return <PageFrame title={page.title} lead="This page needs an API key of the role ADMIN." />;
  }
  if (opened?.id !== page.id) return <PageFrame title={page.title} lead="Loading …" />;
  if (opened.content === undefined) {
    return (
      <PageFrame title={page.title}>
        <NotFetched />
      </PageFrame>
    );
  }
  return <opened.content key={page.id} rest={route.rest} />;
}
