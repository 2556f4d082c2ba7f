import type { ComponentChildren, JSX } from 'preact';
import { useEffect, useRef } from 'preact/hooks';

interface PageFrameProps {
  readonly title: string;
  /** What the page is for, in a sentence. */
  readonly lead?: ComponentChildren;
  /** Buttons that act on the whole page. */
  readonly actions?: ComponentChildren;
  readonly children?: ComponentChildren;
}

/** A page: its heading, which gets the focus when the page is opened so that screen readers begin there, and its content. */
export function PageFrame({ title, lead, actions, children }: PageFrameProps): JSX.Element {
  const heading = useRef<HTMLHeadingElement>(null);
  useEffect(() => {
    document.title = `${title} · SymFace`;
    heading.current?.focus({ preventScroll: true });
  }, [title]);
  return (
    <article class="page">
      <header class="page-header">
        <div>
          <h1 tabIndex={-1} ref={heading}>
            {title}
          </h1>
          {lead !== undefined && <p class="lead">{lead}</p>}
        </div>
        {actions !== undefined && <div class="actions">{actions}</div>}
      </header>
      {children}
    </article>
  );
}
