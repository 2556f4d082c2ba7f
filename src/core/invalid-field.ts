import { Failure } from './failure.js';

/**
 * INVALID_ARGUMENT for one field of a request.
 * @param field proto path, such as `images[0].content`
 * @param description what is wrong, as the rest of a sentence that begins with the field
 */
export function invalidField(field: string, description: string): Failure {
  return new Failure('INVALID_ARGUMENT', `${field} ${description}.`, { field }, [{ field, description }]);
}
