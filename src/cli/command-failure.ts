/** The command cannot do what was asked, for a reason on this side of the wire. The message says what to do. */
export class CommandFailure extends Error {
  override readonly name = 'CommandFailure';
}
