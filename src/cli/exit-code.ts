/**
 * The status of success, which the shell gets. `verify` answers "no" with {@link NO_MATCH}, so that scripts can branch
 * on it.
 */
export const EXIT_OK = 0;
export const EXIT_NO_MATCH = 1;
export const EXIT_ERROR = 2;
/** The status of a process that Ctrl-C ended (128 + SIGINT). */
export const EXIT_INTERRUPTED = 130;
