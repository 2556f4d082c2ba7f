import type { JSX } from 'preact';
import { useIsAdmin } from '../api/session.js';
import { pages } from './pages.js';
import { addressOf } from './route.js';

/** The pages that the caller has a use for. */
export function Navigation({ current }: { readonly current: string }): JSX.Element {
  const isAdmin = useIsAdmin();
  return (
    <nav aria-label="Pages">
      <ul>
        {pages
          .filter(({ isForAdmins }) => isAdmin || !isForAdmins)
          .map(({ id, title }) => (
            <li key={id}>
              <a href={addressOf(id)} aria-current={id === current ? 'page' : undefined}>
                {title}
              </a>
            </li>
          ))}
      </ul>
    </nav>
  );
}
