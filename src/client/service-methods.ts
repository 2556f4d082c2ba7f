import type {
  ClientDuplexStream,
  ClientReadableStream,
  ClientUnaryCall,
  ClientWritableStream,
} from '@grpc/grpc-js';
import type { SymFaceTypes } from '../contract/contract.js';
import type { CallOptions } from './client-options.js';

/** The messages of a stream to the server; they are taken no faster than the server reads them. */
export type Requests<Request> = Iterable<Request> | AsyncIterable<Request>;

export type UnaryMethod<Request, Response> = (request: Request, options?: CallOptions) => Promise<Response>;

/** It is called at the first message that is asked for. Leaving the loop cancels it. */
export type ServerStreamMethod<Request, Response> = (
  request: Request,
  options?: CallOptions,
) => AsyncGenerator<Response, void, undefined>;

export type ClientStreamMethod<Request, Response> = (
  requests: Requests<Request>,
  options?: CallOptions,
) => Promise<Response>;

/**
 * A method as {@link ServerStreamMethod}, with many requests; answers may arrive while there are more to send.
 */
export type DuplexMethod<Request, Response> = (
  requests: Requests<Request>,
  options?: CallOptions,
) => AsyncGenerator<Response, void, undefined>;

/**
 * A method of the client.
 * @typeParam Stub the generated method, whose result says what is streamed; a duplex stream is both of the others
 * @typeParam Definition the generated definition, which has the messages
 */
type Method<Stub, Definition> = Definition extends {
  requestSerialize: (request: infer Request) => unknown;
  responseDeserialize: (bytes: Buffer) => infer Response;
}
  ? Stub extends (...args: never) => ClientDuplexStream<never, unknown>
    ? DuplexMethod<Request, Response>
    : Stub extends (...args: never) => ClientReadableStream<unknown>
      ? ServerStreamMethod<Request, Response>
      : Stub extends (...args: never) => ClientWritableStream<never>
        ? ClientStreamMethod<Request, Response>
        : Stub extends (...args: never) => ClientUnaryCall
          ? UnaryMethod<Request, Response>
          : never
  : never;

/** A name in a generated definition; each has an index signature besides. */
type NameIn<Definition> = keyof {
  [Name in keyof Definition as string extends Name ? never : number extends Name ? never : Name]: true;
};

/** Methods by their names in lower camel case, documented as in the contract. */
type Methods<Stub, Definition> = {
  readonly [
    Name in keyof Stub as Name extends Uncapitalize<NameIn<Definition> & string> ? Name : never
  ]: Method<Stub[Name], Definition[Capitalize<Name & string> & keyof Definition]>;
};

/**
 * Every service of the contract with its methods, derived from what is generated: `FaceVerificationService.Verify` is
 * `faceVerification.verify`.
 */
export type SymFaceServices = {
  readonly [
    Name in keyof SymFaceTypes as Name extends `${infer Short}Service` ? Uncapitalize<Short> : never
  ]: SymFaceTypes[Name] extends (abstract new (...args: never) => infer Stub) & {
    service: infer Definition;
  }
    ? Methods<Stub, Definition>
    : never;
};
