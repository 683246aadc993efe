/** The shared half of every kind that asks a capability of a target: find its driver, ask, perform, undo. */
import type { Action } from '../../domain/strategy.ts';
import type { CapabilityCall } from '../targets/driver.ts';
import { failed } from '../targets/driver.ts';
import type { ActionDoors, ActionSpec, Described, Place } from './action.ts';

export function onTarget<A extends Action>(
  { targets }: Pick<ActionDoors, 'targets'>,
  callOf: (action: A) => CapabilityCall,
): ActionSpec<A> {
  const driverOf = (place: Place) => (place.target === null ? undefined : targets.get(place.target));
  return {
    describe: (action, place) => describe(action, place),
    run: (action, place, signal) =>
      driverOf(place)?.perform(callOf(action), signal) ?? Promise.resolve(failed('its target is gone')),
    undo: (action, place, signal) =>
      driverOf(place)?.undo(callOf(action), signal) ?? Promise.resolve(failed('its target is gone')),
  };

  function describe(action: A, place: Place): Described {
    if (place.target === null)
      return { kind: 'cannot', reason: 'it needs a target, and this concerns the whole host' };
    const driver = driverOf(place);
    if (driver === undefined)
      return { kind: 'cannot', reason: `${place.target} is in no configuration of targets` };
    const text = driver.describe(callOf(action));
    if (text.kind === 'cannot') return text;
    return { ...text, touches: true, heals: true, needsApproval: action.needsApproval };
  }
}
