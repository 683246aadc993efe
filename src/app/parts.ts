/** The parts of the running bot, in the order of their start; they stop in reverse. */
import type { Backup } from '../backup/backup.ts';
import type { Bot } from '../bot/bot.ts';
import type { Web } from '../bot/web/server.ts';
import type { HookDesk } from '../bot/webhook/inbound.ts';
import type { Outbound } from '../bot/webhook/outbound.ts';
import type { OpsControls } from '../domain/controls.ts';
import type { Cancel } from '../domain/ports.ts';
import { type Ms, seconds } from '../domain/units.ts';
import type { OpenAuditLog } from '../healing/audit-log.ts';
import type { Scheduler } from '../platform/scheduler.ts';
import { createServiceNotify } from '../platform/service-notify.ts';
import type { Built } from './built.ts';
import type { Drills } from './drill/drill.ts';
import type { Part } from './lifecycle.ts';
import type { LiveConfig } from './live-config.ts';
import type { HealingRooms } from './rooms.ts';
import { version } from './version.ts';

/** A changed key file is elsewhere within this and one look more. */
const MIRROR_EVERY: Ms = seconds(5);

export interface Running extends HealingRooms {
  readonly hooks: HookDesk;
  readonly sinks: Outbound;
  readonly backup: Backup;
  readonly drills: Drills;
  readonly scheduler: Scheduler;
  readonly bot: Bot;
  readonly web: Web;
  readonly controls: OpsControls;
}

/** In the order of their start; they stop in reverse. */
export function partsOf(built: Built, running: Running): readonly Part[] {
  const { hooks, sinks, supervisor, targets, healer, monitor, limits, drills, scheduler, bot, web } = running;
  return [
    { name: 'lock', start: async () => {}, stop: built.lock.release },
    auditPart(built.audit, built.live),
    backupPart(running.backup, built),
    mirrorPart(running.backup, built),
    { name: 'self', start: built.self.start, stop: built.self.stop },
    { name: 'healing', start: healer.start, stop: () => healer.stop() },
    { name: 'supervisor', start: supervisor.start, stop: supervisor.stop },
    { name: 'queues', start: running.queues.start, stop: running.queues.stop },
    {
      name: 'targets',
      start: targets.start,
      stop: async () => targets.stop(),
    },
    { name: 'webhooks', start: hooks.start, stop: async () => {} },
    { name: 'sinks', start: sinks.start, stop: sinks.stop },
    { name: 'limits', start: limits.start, stop: async () => {} },
    { name: 'optimizer', start: running.optimizer.start, stop: running.optimizer.stop },
    { name: 'monitor', start: monitor.start, stop: monitor.stop },
    { name: 'drills', start: async () => {}, stop: drills.stop },
    { name: 'replay', start: async () => {}, stop: async () => void running.replays.stop() },
    { name: 'jobs', start: () => scheduler.start(), stop: () => scheduler.stop() },
    { name: 'bot', start: bot.start, stop: bot.stop },
    {
      name: 'web',
      async start() {
        await web.start();
        await built.lock.describe({ url: web.localUrl() });
      },
      stop: web.stop,
    },
    // Last: systemd hears "ready" when everything is, and "stopping" before anything stops.
    serviceManagerPart(built),
    newsPart(built),
  ];
}

/** A run that another follows in this process is no end of the service. */
function serviceManagerPart({ again, ...built }: Built): Part {
  const notify = createServiceNotify({ ...built, manager: built.env.service });
  const stop = (): Promise<void> => (again.isAsked() ? notify.rest() : notify.stop());
  return { name: 'service manager', start: notify.start, stop };
}

/** What ended before this run is told when everybody who listens is there. */
function newsPart({ again, bus }: Built): Part {
  return {
    name: 'news',
    async start() {
      if (again.restored !== null) bus.publish({ type: 'restore.finished', ...again.restored });
    },
    stop: async () => {},
  };
}

function auditPart(audit: OpenAuditLog, live: LiveConfig): Part {
  const line = (kind: 'start' | 'stop', text: string): Promise<unknown> =>
    audit
      .append({ kind, actor: 'nightshift', text, data: { configHash: live.hash() } })
      .catch(() => undefined); // said by isWritable
  return {
    name: 'audit',
    start: async () => void (await line('start', `Nightshift ${version()} starts`)),
    async stop() {
      await line('stop', 'Nightshift stops');
      await audit.close();
    },
  };
}

/** Key files are copied away as soon as they changed; where none are configured this costs nothing. */
function mirrorPart(backup: Backup, { clock, log }: Built): Part {
  const leaving = new AbortController();
  let said: string | null = null;
  let cancel: Cancel = () => {};
  const look = async (): Promise<void> => {
    const failure = await backup.mirror(leaving.signal);
    if (failure !== null && failure !== said) log.warn('key files could not be copied away', { failure });
    said = failure;
  };
  return {
    name: 'mirror',
    async start() {
      cancel = clock.every(MIRROR_EVERY, look);
    },
    async stop() {
      cancel();
      leaving.abort(new Error('Nightshift stops'));
    },
  };
}

/** Before anything reads its state: a restore that was interrupted is finished or taken back. */
function backupPart(backup: Backup, { live, log }: Built): Part {
  return {
    name: 'backup',
    async start() {
      const done = await backup.recover();
      if (done === null) return;
      log.warn('an interrupted restore was dealt with', { done });
      await live.reload(false);
    },
    stop: backup.stop,
  };
}
