import { type RefObject } from 'preact';
import { useLayoutEffect, useRef } from 'preact/hooks';

const cards = 'as-cards';

/**
 * Gives a box the class "as-cards" for as long as the table in it would be wider than the box: how wide a table is only the browser
 * knows, which has its words.
 */
export function useCardsWithoutRoom(): RefObject<HTMLDivElement | null> {
  const box = useRef<HTMLDivElement>(null);
  // After every rendering: other rows have other widths.
  useLayoutEffect(() => {
    const element = box.current;
    if (element === null) return undefined;
    let measuredWidth = -1;
    const look = (): void => {
      // Cards change the height, which is no reason to look again.
      if (element.clientWidth === measuredWidth) return;
      measuredWidth = element.clientWidth;
      element.classList.remove(cards);
      element.classList.toggle(cards, element.scrollWidth > element.clientWidth);
    };
    look();
    const observer = new ResizeObserver(look);
    observer.observe(element);
    return () => {
      observer.disconnect();
    };
  });
  return box;
}
