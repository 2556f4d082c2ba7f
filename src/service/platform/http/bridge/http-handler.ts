import type { IncomingMessage, ServerResponse } from 'node:http';

/** A step of what the HTTP port does with a request: it answers, or leaves that to the next. */
export type HttpHandler = (request: IncomingMessage, response: ServerResponse, next: () => void) => void;
