/** Calls people with the message of the rung. It ends the ladder: from here on a person leads. */
import { succeeded } from '../targets/driver.ts';
import { type ActionOf, type ActionSpec, hasNoInverse } from './action.ts';

export function alert(): ActionSpec<ActionOf<'alert'>> {
  return {
    describe: (action) => ({
      kind: 'can',
      effect: `call people: ${action.message}`,
      undo: null,
      idempotent: true,
      forks: false,
      touches: false,
      heals: false,
      needsApproval: action.needsApproval,
    }),
    run: (action) => Promise.resolve(succeeded(action.message)),
    undo: (action) => hasNoInverse(action.kind),
  };
}
