/**
 * What people may switch, with the audit line and the event that belong to it. A dry run says what would be.
 *
 * A freeze is never refused for want of an audit log: stopping must always work. Everything that lets more happen
 * than before is written down first or does not happen.
 */
import type { Actor } from '../domain/approval.ts';
import type { ControlResult, OpsControls } from '../domain/controls.ts';
import { describeError } from '../domain/errors.ts';
import type { Freeze, Mode } from '../domain/events.ts';
import type { AuditKind, AuditLog, Clock, EventBus, Live, Logger } from '../domain/ports.ts';
import { after, type Ms, minutes } from '../domain/units.ts';
import { actorName } from './actors.ts';
import type { HealingConfig } from './config.ts';
import { LONGEST_SWITCH, type Switches } from './switches.ts';

export interface SwitchOrderDeps {
  readonly switches: Switches;
  readonly audit: AuditLog;
  readonly clock: Clock;
  readonly bus: EventBus;
  readonly log: Logger;
  readonly config: Live<HealingConfig>;
  readonly targets: () => readonly string[];
  readonly configuredMode: () => Mode;
  /** Something may be possible now that was not before. */
  onLoosened(): void;
}

export type SwitchOrders = Pick<
  OpsControls,
  | 'freeze'
  | 'thaw'
  | 'setMode'
  | 'silence'
  | 'startMaintenance'
  | 'endMaintenance'
  | 'setStrategyMode'
  | 'enableStrategy'
>;

export function createSwitchOrders(deps: SwitchOrderDeps): SwitchOrders {
  const { switches, clock, bus } = deps;
  const end = (span: Ms) => after(clock.now(), span);

  return {
    async freeze(scope, span, by, reason, dryRun) {
      const fault = spanFault(span);
      if (fault !== null) return refused(fault);
      const why = reason.trim() === '' ? 'no reason given' : reason;
      const text = `Freeze ${scope} for ${inMinutes(span)}: ${why}`;
      if (dryRun) return would(text);
      const freeze: Freeze = { scope, until: end(span), by: actorName(by), reason: why };
      await switches.update((data) => ({ ...data, freeze }));
      await note(deps, 'freeze', by, text);
      bus.publish({ type: 'freeze.changed', freeze, by });
      return done(text);
    },
    async thaw(by, dryRun) {
      if (switches.freeze() === null) return { kind: 'not_found', reason: 'nothing is frozen' };
      if (dryRun) return would('Thaw');
      await deps.audit.append({ kind: 'freeze', actor: actorName(by), text: 'Thawed' });
      await switches.update((data) => ({ ...data, freeze: null }));
      bus.publish({ type: 'freeze.changed', freeze: null, by });
      deps.onLoosened();
      return done('Thawed');
    },
    async setMode(mode, span, by, dryRun) {
      const fault = span === null ? null : spanFault(span);
      if (fault !== null) return refused(fault);
      const text = `Mode ${mode}${span === null ? '' : ` for ${inMinutes(span)}`}`;
      if (dryRun) return would(text);
      const override = { mode, until: span === null ? null : end(span), over: deps.configuredMode() };
      await deps.audit.append({ kind: 'mode', actor: actorName(by), text });
      await switches.update((data) => ({ ...data, mode: override }));
      bus.publish({ type: 'mode.changed', mode, by });
      deps.onLoosened();
      return done(text);
    },
    ...createQuietOrders(deps),
    ...createStrategyOrders(deps),
  };
}

function createQuietOrders(
  deps: SwitchOrderDeps,
): Pick<SwitchOrders, 'silence' | 'startMaintenance' | 'endMaintenance'> {
  const { switches, clock } = deps;
  return {
    async silence(subject, span, by, reason, dryRun) {
      const fault = spanFault(span) ?? (subject.trim() === '' ? 'name a target or a metric' : null);
      if (fault !== null) return refused(fault);
      const text = `Silence ${subject} for ${inMinutes(span)}${reason === '' ? '' : `: ${reason}`}`;
      if (dryRun) return would(text);
      const silence = { subject, until: after(clock.now(), span), by: actorName(by), reason };
      await deps.audit.append({ kind: 'command', actor: actorName(by), text });
      await switches.update((data) => ({
        ...data,
        silences: [...data.silences.filter((other) => other.subject !== subject), silence],
      }));
      return done(text);
    },
    async startMaintenance(target, span, by, reason, dryRun) {
      const fault = spanFault(span) ?? targetFault(target, deps);
      if (fault !== null) return refused(fault);
      const text = `Maintenance of ${target ?? 'this host'} for ${inMinutes(span)}${reason === '' ? '' : `: ${reason}`}`;
      if (dryRun) return would(text);
      const window = { target, until: after(clock.now(), span), by: actorName(by), reason };
      await switches.update((data) => ({
        ...data,
        maintenance: [...data.maintenance.filter((other) => other.target !== target), window],
      }));
      await note(deps, 'command', by, text);
      deps.bus.publish({ type: 'maintenance.changed', target, window, by });
      return done(text);
    },
    async endMaintenance(target, by, dryRun) {
      const text = `Maintenance of ${target ?? 'this host'} ended`;
      const isOpen = switches.maintenance().some((window) => window.target === target);
      if (!isOpen)
        return { kind: 'not_found', reason: `there is no maintenance of ${target ?? 'this host'}` };
      if (dryRun) return would(text);
      await deps.audit.append({ kind: 'command', actor: actorName(by), text });
      await switches.update((data) => ({
        ...data,
        maintenance: data.maintenance.filter((window) => window.target !== target),
      }));
      deps.bus.publish({ type: 'maintenance.changed', target, window: null, by });
      deps.onLoosened();
      return done(text);
    },
  };
}

function createStrategyOrders(
  deps: SwitchOrderDeps,
): Pick<SwitchOrders, 'setStrategyMode' | 'enableStrategy'> {
  const { switches } = deps;
  const isKnown = (strategy: string): boolean =>
    deps.config.current().strategies.some(({ name }) => name === strategy);
  return {
    async setStrategyMode(strategy, target, autonomy, by, dryRun) {
      if (!isKnown(strategy)) return { kind: 'not_found', reason: `there is no strategy ${strategy}` };
      const fault = targetFault(target, deps);
      if (fault !== null) return refused(fault);
      const text = `Strategy ${strategy}${target === null ? '' : ` on ${target}`} set to ${autonomy} and locked`;
      if (dryRun) return would(text);
      await deps.audit.append({ kind: 'mode', actor: actorName(by), text, strategy });
      await switches.update((data) => ({
        ...data,
        autonomy: [
          ...data.autonomy.filter((rule) => rule.strategy !== strategy || rule.target !== target),
          { strategy, target, autonomy },
        ],
      }));
      deps.onLoosened();
      return done(text);
    },
    async enableStrategy(strategy, enabled, by, dryRun) {
      if (!isKnown(strategy)) return { kind: 'not_found', reason: `there is no strategy ${strategy}` };
      const text = `Strategy ${strategy} ${enabled ? 'enabled' : 'disabled'}`;
      if (dryRun) return would(text);
      await deps.audit.append({ kind: 'mode', actor: actorName(by), text, strategy });
      await switches.update((data) => ({ ...data, enabled: { ...data.enabled, [strategy]: enabled } }));
      deps.onLoosened();
      return done(text);
    },
  };
}

/** For what makes things stricter: it holds already, and a log that cannot take the line does not undo it. */
async function note(deps: SwitchOrderDeps, kind: AuditKind, by: Actor, text: string): Promise<void> {
  try {
    await deps.audit.append({ kind, actor: actorName(by), text });
  } catch (cause) {
    deps.log.error('switch could not be logged', { text, error: describeError(cause) });
  }
}

function spanFault(span: Ms): string | null {
  if (!Number.isFinite(span) || span < minutes(1)) return 'the shortest time is one minute';
  return span > LONGEST_SWITCH ? 'the longest time is seven days' : null;
}

function targetFault(target: string | null, deps: SwitchOrderDeps): string | null {
  return target === null || deps.targets().includes(target) ? null : `there is no target ${target}`;
}

function inMinutes(span: Ms): string {
  const whole = Math.round(span / 60_000);
  return whole < 120 ? `${whole} min` : `${Math.round(whole / 6) / 10} h`;
}

function done(text: string): ControlResult {
  return { kind: 'done', text };
}
function would(text: string): ControlResult {
  return { kind: 'would', text };
}
function refused(reason: string): ControlResult {
  return { kind: 'refused', reason };
}
