/** OpsControls: the thin glue that the command table calls, over the room facades. Nothing is decided here. */
import type { Backup } from '../backup/backup.ts';
import type { Bot } from '../bot/bot.ts';
import { actorLabel } from '../bot/permissions.ts';
import type { Actor } from '../domain/approval.ts';
import type { ControlResult, OpsControls, Ready, Status } from '../domain/controls.ts';
import type { DrillDesk } from '../domain/drill.ts';
import type { SurfaceHealth } from '../domain/events.ts';
import { isLive } from '../domain/incident.ts';
import type { WebhookDesk } from '../domain/outside.ts';
import type { AuditLog, Clock, EventBus } from '../domain/ports.ts';
import type { TaskQueue } from '../domain/queue.ts';
import { type EpochMs, elapsed } from '../domain/units.ts';
import type { Healer } from '../healing/healer.ts';
import type { Supervisor } from '../healing/supervisor.ts';
import type { LimitBook } from '../monitor/limit-book.ts';
import type { Monitor } from '../monitor/monitor.ts';
import type { Optimizer } from '../optimizer/optimizer.ts';
import { type ConfigResult, loadConfig } from './config.ts';
import type { Environment } from './environment.ts';
import type { LiveConfig } from './live-config.ts';
import { lookingBack } from './looking-back.ts';
import { printableConfig } from './printable-config.ts';
import type { ReplayJob } from './replay-job.ts';

/** A beat may be this many intervals old before the monitor counts as not ready. */
const READY_BEATS = 3;

export interface ControlsDeps {
  readonly env: Environment;
  readonly live: LiveConfig;
  readonly clock: Clock;
  readonly bus: EventBus;
  readonly audit: AuditLog;
  readonly monitor: Monitor;
  readonly healer: Healer;
  readonly supervisor: Supervisor;
  readonly backup: Backup;
  readonly queues: TaskQueue;
  readonly optimizer: Optimizer;
  readonly webhooks: WebhookDesk;
  readonly limits: LimitBook;
  readonly replays: ReplayJob;
  readonly drills: DrillDesk;
  /** The bot asks the controls and the controls ask the bot: this end is looked up at each use. */
  readonly bot: () => Bot;
  readonly timezone: string;
  readonly version: string;
  readonly startedAt: EpochMs;
  /** What is wrong with Nightshift itself beyond what the rooms say. */
  readonly complaints: () => readonly string[];
}

export function createControls(deps: ControlsDeps): OpsControls {
  const { healer, monitor, audit } = deps;
  return {
    status: () => status(deps),
    ready: () => ready(deps),
    incidents: healer.incidents,
    incident: healer.incident,
    metrics: monitor.metricsNow,
    history: monitor.recent,
    bands: monitor.bands,
    approvals: healer.approvals,
    healPlan: healer.plan,
    healHistory: healer.history,
    strategies: healer.strategies,
    validateStrategies: healer.validateStrategies,
    silences: healer.silences,
    maintenance: healer.maintenance,
    audit: (query) => audit.query(query),
    verifyAudit: () => audit.verify(),
    config: () => ({ hash: deps.live.hash(), text: printableConfig(deps.live.current(), deps.env) }),
    validateConfig: async () => ({ faults: faultsOf(await loadConfig(deps.env.configFolder)) }),
    decide: healer.decide,
    acknowledge: healer.acknowledge,
    resolve: healer.resolve,
    silence: healer.silence,
    runHeal: healer.runHeal,
    undoHeal: healer.undoHeal,
    setMode: healer.setMode,
    freeze: healer.freeze,
    thaw: healer.thaw,
    setStrategyMode: healer.setStrategyMode,
    enableStrategy: healer.enableStrategy,
    startMaintenance: healer.startMaintenance,
    endMaintenance: healer.endMaintenance,
    reloadConfig: (by, dryRun) => reloadConfig(deps, by, dryRun),
    workers: deps.supervisor.workers,
    tasks: deps.queues,
    backups: deps.backup,
    optimizer: deps.optimizer,
    webhooks: deps.webhooks,
    ...lookingBack({ ...deps, post: (...said) => deps.bot().say(...said) }),
    drills: deps.drills,
    testSurfaces: (what, by) => deps.bot().test(what, by),
    async recordCommand(command, by, result) {
      await audit.append({ kind: 'command', actor: actorLabel(by), text: `${command}: ${result}` });
    },
  };
}

function status(deps: ControlsDeps): Status {
  const { healer, monitor, clock } = deps;
  return {
    host: deps.env.hostname,
    version: deps.version,
    mode: healer.currentMode(),
    freeze: healer.currentFreeze(),
    startedAt: deps.startedAt,
    now: clock.now(),
    timezone: deps.timezone,
    incidents: healer.incidents({ state: 'live', limit: 100 }).filter(isLive),
    pendingApprovals: healer.approvals('pending'),
    metrics: monitor.metricsNow(),
    surfaces: surfaces(deps),
    tonight: healer.tonight(),
    standing: healer.standing(),
    throttle: deps.optimizer.status().throttle.filter(({ rung, acting }) => acting && rung !== 'none'),
    complaints: [
      ...deps.complaints(),
      ...healer.complaints(),
      ...monitor.complaints(),
      ...deps.optimizer.complaints(),
      ...auditComplaint(deps),
    ],
  };
}

function surfaces({ bot, startedAt }: ControlsDeps): Readonly<Record<string, SurfaceHealth>> {
  return { web: { state: 'up', since: startedAt, reason: '' }, ...bot().health() };
}

function auditComplaint({ audit }: ControlsDeps): readonly string[] {
  return audit.isWritable() ? [] : ['The audit log cannot be written; nothing acts until it can.'];
}

function ready(deps: ControlsDeps): Ready {
  const { monitor, audit, clock, live } = deps;
  const now = clock.now();
  const newest = monitor.latest('cpu')?.at ?? monitor.latest('memory')?.at ?? null;
  const fresh = newest !== null && elapsed(newest, now) < READY_BEATS * live.current().monitor.interval;
  const parts = {
    monitor: { ok: fresh, needed: true, text: fresh ? 'sampling' : 'no fresh sample' },
    healing: { ok: true, needed: true, text: `mode ${deps.healer.currentMode()}` },
    audit: { ok: audit.isWritable(), needed: true, text: audit.isWritable() ? 'writable' : 'not writable' },
    ...chatParts(deps),
  };
  return { ready: Object.values(parts).every(({ ok, needed }) => ok || !needed), parts };
}

/** Chat is worth showing, but the bot is ready without it. */
function chatParts({ bot }: ControlsDeps): Ready['parts'] {
  return Object.fromEntries(
    Object.entries(bot().health()).map(([id, health]) => [
      id,
      {
        ok: health.state === 'up',
        needed: false,
        text: health.reason === '' ? health.state : `${health.state}: ${health.reason}`,
      },
    ]),
  );
}

async function reloadConfig(deps: ControlsDeps, by: Actor, dryRun: boolean): Promise<ControlResult> {
  const result = await deps.live.reload(dryRun);
  switch (result.kind) {
    case 'invalid':
      return { kind: 'failed', reason: `Nothing was changed.\n${result.faults.join('\n')}` };
    case 'unchanged':
      return { kind: 'done', text: 'The configuration is the one in force; nothing changed.' };
    case 'swapped': {
      const change = `${short(result.oldHash)} to ${short(result.newHash)}`;
      if (dryRun)
        return { kind: 'would', text: `All files are valid. The configuration would change from ${change}.` };
      await deps.audit.append({
        kind: 'config',
        actor: actorLabel(by),
        text: `configuration reloaded, ${change}`,
        data: { oldHash: result.oldHash, newHash: result.newHash },
      });
      deps.bus.publish({ type: 'config.reloaded', oldHash: result.oldHash, newHash: result.newHash });
      await deps.supervisor.reconcile();
      return { kind: 'done', text: `Configuration reloaded, ${change}.` };
    }
  }
}

function faultsOf(result: ConfigResult): readonly string[] {
  return result.kind === 'invalid' ? result.faults : [];
}

function short(hash: string): string {
  return hash.slice(0, 12);
}
