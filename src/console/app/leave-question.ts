import { useEffect } from 'preact/hooks';

const questions = new Set<string>();

/** Has people asked before they leave the page, or close it, while something would be lost by it. */
export function useLeaveQuestion(isAsked: boolean, question: string): void {
  useEffect(() => {
    if (!isAsked) return undefined;
    // The browser asks in words of its own.
    const ask = (event: Event): void => {
      event.preventDefault();
    };
    questions.add(question);
    window.addEventListener('beforeunload', ask);
    return () => {
      questions.delete(question);
      window.removeEventListener('beforeunload', ask);
    };
  }, [isAsked, question]);
}

/** Whether the page may be left: asks where it matters. */
export function mayLeave(): boolean {
  return [...questions].every((question) => window.confirm(question));
}
