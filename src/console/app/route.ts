import { useEffect, useState } from 'preact/hooks';
import { mayLeave } from './leave-question.js';

/** Where in the console somebody is: "#/models/mobilefacenet" is page "models", rest ["mobilefacenet"]. */
export interface Route {
  readonly page: string;
  readonly rest: readonly string[];
}

/** The address of a part of the console; it stays in the browser, which sends no fragment to a server. */
export function addressOf(page: string, ...rest: readonly string[]): string {
  return `#/${[page, ...rest].map(encodeURIComponent).join('/')}`;
}

/** Follows the address bar. */
export function useRoute(): Route {
  const [route, setRoute] = useState(readRoute);
  useEffect(() => {
    let shown = window.location.hash;
    const follow = (): void => {
      if (!mayLeave()) {
        // The address has changed already, whether by a link, by the way back or by hand.
        window.history.pushState(null, '', shown);
        return;
      }
      shown = window.location.hash;
      setRoute(readRoute());
    };
    window.addEventListener('hashchange', follow);
    return () => {
      window.removeEventListener('hashchange', follow);
    };
  }, []);
  return route;
}

function readRoute(): Route {
  const [page = '', ...rest] = window.location.hash.replace(/^#\/?/u, '').split('/').map(decoded);
  return { page, rest };
}

function decoded(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
}
