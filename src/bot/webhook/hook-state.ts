/**
 * What webhooks left behind, on disk before the sender is answered: alerts, deploys, and the ids of messages that
 * were taken, so that a repeat is known over a restart. Messages that arrive while one write is under way share
 * the next: a storm costs a few writes a second, not one a message.
 */
import { z } from 'zod';
import { ANOMALY_KINDS } from '../../domain/anomaly.ts';
import type { OutsideAlert } from '../../domain/outside.ts';
import type { StateStore } from '../../domain/ports.ts';
import { days, type EpochMs, elapsed, epochMs, type Ms, minutes } from '../../domain/units.ts';

/** So long an ended alert is still told as good: the verifier wants fresh evidence. */
const KEEP_RESOLVED: Ms = minutes(5);
/** A sender that says nothing for so long has forgotten. */
const KEEP_FIRING: Ms = days(7);
const MOST_SEEN = 5_000;
export const MOST_ALERTS = 500;

const moment = z.number().transform(epochMs);
const alert = z.strictObject({
  key: z.string(),
  state: z.enum(['firing', 'resolved']),
  severity: z.enum(['info', 'warning', 'critical']),
  kind: z.enum(ANOMALY_KINDS),
  target: z.string(),
  metric: z.string().nullable(),
  text: z.string(),
  since: moment,
  heardAt: moment,
});
const deploy = z.strictObject({
  id: z.string(),
  target: z.string().nullable(),
  text: z.string(),
  until: moment,
});

export const HookStateFile: z.ZodType<HookState> = z.strictObject({
  alerts: z.array(alert),
  deploys: z.array(deploy),
  seen: z.array(z.string()),
});

/** A deploy under way, and until when it holds healing back at most. */
export interface OpenDeploy {
  readonly id: string;
  /** `null` = the whole host. */
  readonly target: string | null;
  readonly text: string;
  readonly until: EpochMs;
}

export interface HookState {
  readonly alerts: readonly OutsideAlert[];
  readonly deploys: readonly OpenDeploy[];
  /** Ids of messages that were taken, the newest last. */
  readonly seen: readonly string[];
}

/** What one message changes. `ended` = the deploy with this id is over. */
export interface HookChange {
  readonly eventIds: readonly string[];
  readonly alerts: readonly OutsideAlert[];
  readonly deploys: readonly (OpenDeploy | { readonly ended: string })[];
}

export const NO_HOOKS: HookState = { alerts: [], deploys: [], seen: [] };

export interface HookBook {
  current(): HookState;
  hasSeen(eventId: string): boolean;
  /** Resolves when it is on disk. */
  apply(change: HookChange): Promise<void>;
}

export async function openHookBook(deps: {
  readonly states: StateStore;
  readonly now: () => EpochMs;
}): Promise<HookBook> {
  const { document } = await deps.states.open('webhooks_in', (data) => HookStateFile.parse(data), NO_HOOKS);
  let waiting: HookChange[] = [];
  let writing: Promise<unknown> = Promise.resolve();
  let next: Promise<void> | null = null;

  function flush(): Promise<void> {
    next ??= writing.then(async () => {
      const batch = waiting;
      waiting = [];
      next = null;
      const write = document.update((state) =>
        batch.reduce((known, change) => changed(known, change, deps.now()), state),
      );
      writing = write.catch(() => {}); // told to who waits for `next`
      await write;
    });
    return next;
  }

  return {
    current: () => document.value,
    hasSeen: (eventId) =>
      document.value.seen.includes(eventId) || waiting.some(({ eventIds }) => eventIds.includes(eventId)),
    apply(change) {
      waiting.push(change);
      return flush();
    },
  };
}

/** Pure: the state after one message. */
export function changed(state: HookState, change: HookChange, now: EpochMs): HookState {
  const alerts = change.alerts.reduce(withAlert, state.alerts).filter((one) => isWorthKeeping(one, now));
  const ended = new Set(change.deploys.map((one) => ('ended' in one ? one.ended : one.id)));
  const begun = change.deploys.filter((one): one is OpenDeploy => !('ended' in one));
  return {
    alerts: alerts.slice(-MOST_ALERTS),
    deploys: [...state.deploys.filter(({ id, until }) => !ended.has(id) && until > now), ...begun],
    seen: [...state.seen, ...change.eventIds].slice(-MOST_SEEN),
  };
}

/** A repeat renews, and keeps when it began. The end of what nobody knows is no news. */
function withAlert(alerts: readonly OutsideAlert[], heard: OutsideAlert): readonly OutsideAlert[] {
  const at = alerts.findIndex(({ key }) => key === heard.key);
  const known = alerts[at];
  if (known === undefined) return heard.state === 'firing' ? [...alerts, heard] : alerts;
  if (heard.state === 'resolved')
    return alerts.with(at, { ...known, state: 'resolved', heardAt: heard.heardAt });
  const since = known.state === 'firing' ? known.since : heard.since;
  return alerts.with(at, { ...heard, since });
}

function isWorthKeeping({ state, heardAt }: OutsideAlert, now: EpochMs): boolean {
  return elapsed(heardAt, now) <= (state === 'resolved' ? KEEP_RESOLVED : KEEP_FIRING);
}
