/** Refused for now: said once in thread and log, then looked at again when it is worth it. */
import { describeError } from '../../domain/errors.ts';
import { type IncidentState, isLive } from '../../domain/incident.ts';
import type { Refusal } from '../../domain/strategy.ts';
import { elapsed, hours, type Ms, ms, seconds } from '../../domain/units.ts';
import { NIGHTSHIFT } from '../actors.ts';
import { withLine, withState } from '../incident-record.ts';
import type { Core } from './core.ts';

/** However far away the moment is, gates are looked at this often: they may open for other reasons. */
const LOOK_AGAIN: Ms = seconds(30);
const LONGEST: Ms = hours(2);

/** True when this is news; the same refusal again changes nothing and is not repeated to anybody. */
export async function hold(core: Core, id: string, refusal: Refusal): Promise<boolean> {
  const { clock } = core.deps;
  const now = clock.now();
  const wait = refusal.retryAt === null ? LOOK_AGAIN : ms(Math.max(0, elapsed(now, refusal.retryAt)));
  core.nextLook.set(id, ms(clock.monotonic() + Math.min(wait, LOOK_AGAIN)));
  if (isSame(core.incidents.get(id)?.incident.state, refusal)) return false;
  let isNews = false;
  await core.incidents.change(id, (record) => {
    const { state } = record.incident;
    if (!isLive(record.incident)) return record;
    if (state.kind === 'held' && state.gate === refusal.gate && state.reason === refusal.reason)
      return record;
    isNews = true;
    const held = withState(
      { ...record, acting: null },
      { kind: 'held', gate: refusal.gate, reason: refusal.reason, retryAt: refusal.retryAt },
    );
    return withLine(held, now, 'note', `Held: ${refusal.reason}.`);
  });
  return isNews;
}

function isSame(state: IncidentState | undefined, { gate, reason }: Refusal): boolean {
  return state?.kind === 'held' && state.gate === gate && state.reason === reason;
}

/** Is a held incident worth another look? */
export function isDue(core: Core, id: string): boolean {
  const look = core.nextLook.get(id);
  if (look !== undefined) return core.deps.clock.monotonic() >= look;
  const state = core.incidents.get(id)?.incident.state;
  if (state?.kind !== 'held') return true;
  // After a restart: as the record says, but no longer than that.
  return state.retryAt === null || core.deadlines.isOver(`held:${id}`, state.retryAt, LONGEST);
}

/** The reason of every refusal stands in the log too. */
export async function logRefusal(
  core: Core,
  id: string,
  refusal: Refusal,
  about: { readonly target: string | null; readonly strategy: string; readonly effect: string },
): Promise<void> {
  const { audit, log } = core.deps;
  try {
    await audit.append({
      kind: 'refusal',
      actor: NIGHTSHIFT,
      text: `Not done (${refusal.gate}): ${refusal.reason}`,
      incidentId: id,
      strategy: about.strategy,
      ...(about.target === null ? {} : { target: about.target }),
      data: { gate: refusal.gate, effect: about.effect },
    });
  } catch (cause) {
    log.error('refusal could not be logged', { incidentId: id, error: describeError(cause) });
  }
}
