/**
 * The composition root: every long-lived object is built once, by hand, in the order of what it needs. The one knot
 * (the bot asks the controls, the controls ask the bot) is untied by a look-up at use.
 */
import { join, resolve } from 'node:path';
import { performance } from 'node:perf_hooks';
import type { Backup } from '../backup/backup.ts';
import { type Bot, createBot } from '../bot/bot.ts';
import { createChartPainter } from '../bot/chart-png.ts';
import { localActor } from '../bot/permissions.ts';
import { createCommandDesk } from '../bot/run.ts';
import type { DemoDesk } from '../bot/web/deps.ts';
import { createWeb, type Web } from '../bot/web/server.ts';
import type { OpsControls } from '../domain/controls.ts';
import { describeError } from '../domain/errors.ts';
import { seconds } from '../domain/units.ts';
import { createAuditLog, type OpenAuditLog } from '../healing/audit-log.ts';
import { createEventBus } from '../platform/event-bus.ts';
import { systemZone } from '../platform/local-time.ts';
import { acquireLock } from '../platform/lock.ts';
import { createProcessTable } from '../platform/process-identity.ts';
import { createScheduler, type Scheduler } from '../platform/scheduler.ts';
import { createBackups } from './backups.ts';
import type { LoadedConfig } from './config.ts';
import { createControls } from './controls.ts';
import { openDoors } from './doors.ts';
import type { Environment } from './environment.ts';
import { addJobs } from './jobs.ts';
import { createLifecycle, type Part, within } from './lifecycle.ts';
import { createLiveConfig, type LiveConfig } from './live-config.ts';
import type { StartOverrides } from './overrides.ts';
import { type Built, createRooms, type HealingRooms } from './rooms.ts';
import { createScopedTokens } from './scoped-tokens.ts';
import { createSelfWatch } from './self-watch.ts';
import { createSurfaces, surfaceChecks } from './surfaces.ts';
import { localToken } from './token.ts';
import { version } from './version.ts';
import { wire } from './wiring.ts';

const AUDIT_DAYS = 90;
const CRASH_LINE_LIMIT = seconds(2);

export interface App {
  start(): Promise<void>;
  stop(): Promise<void>;
  /** Reads the configuration again, as SIGHUP asks. */
  reload(): void;
  /** Leaves a line in the audit log that the process ends here. */
  recordCrash(reason: string): Promise<void>;
  /** What a person at the terminal is told after the start. */
  greeting(): readonly string[];
}

export interface ComposeOptions extends StartOverrides {
  /** Present in the demo: how to break its patients. */
  readonly demo?: DemoDesk;
  /** Milliseconds of this process before the bot began. */
  readonly begunAfter: number;
}

/**
 * Takes the data folder and builds everything; nothing runs before `start`.
 *
 * @throws OpsError `DATA_LOCKED` when another bot runs on the folder.
 */
export async function compose(env: Environment, loaded: LoadedConfig, options: ComposeOptions): Promise<App> {
  const built = await build(env, loaded, options);
  const backup = createBackups(built);
  const { supervisor, targets, healer, monitor } = createRooms(built, backup);
  const surfaces = createSurfaces(env, built.live.current().bot, built);
  const scheduler = createScheduler(built);
  const jobs = addJobs(scheduler, { ...built, backup });
  const late: { bot?: Bot } = {};
  const controls = createControls({
    ...built,
    monitor,
    healer,
    supervisor,
    backup,
    bot: () => late.bot ?? fail(),
    version: version(),
    startedAt: built.clock.now(),
    complaints: () => [...env.warnings, ...surfaces.warnings, ...jobs.complaints()],
  });
  const desk = createCommandDesk({ ...built, controls });
  const bot = createBot({
    ...built,
    config: built.live.room('bot'),
    controls,
    desk,
    surfaces: surfaces.chat,
    painter: createChartPainter(built),
    mailer: surfaces.mailer,
    checks: () => surfaceChecks(env, built.live.current().bot, built),
  });
  late.bot = bot;
  const web = createWeb({
    ...built,
    controls,
    desk,
    config: built.live.room('bot'),
    host: env.host,
    port: env.port,
    hostname: env.hostname,
    apiToken: built.token,
    scopedTokens: createScopedTokens(env.configFolder, built.live.room('bot'), built.log),
    pageFolder: resolve(import.meta.dirname, '../../dist/page'),
    push: (samples) => monitor.push(samples),
    ...(options.demo === undefined ? {} : { demo: options.demo }),
    ...(surfaces.slackHttp === null ? {} : { slackHttp: surfaces.slackHttp.handleHttp }),
  });
  wire(built.bus, { monitor, healer, supervisor, bot, clock: built.clock });
  const running = { supervisor, targets, healer, monitor, backup, scheduler, bot, web, controls };
  return createApp(built, options, running);
}

async function build(env: Environment, loaded: LoadedConfig, overrides: StartOverrides): Promise<Built> {
  const doors = await openDoors(env, env.secrets);
  const { clock, log, proc } = doors;
  const processes = createProcessTable({ proc });
  const lock = await acquireLock({
    file: join(env.dataFolder, 'nightshift.lock'),
    host: env.hostname,
    clock,
    processes,
  });
  const live = createLiveConfig(env.configFolder, loaded, overrides);
  const self = createSelfWatch({ ...doors, dataFolder: env.dataFolder });
  return {
    ...doors,
    env,
    live,
    lock,
    self,
    commands: self.commands,
    bus: createEventBus(log),
    audit: await createAuditLog({
      ...doors,
      folder: join(env.dataFolder, 'audit'),
      retentionDays: AUDIT_DAYS,
    }),
    token: await localToken(env, doors.random),
    timezone: live.current().bot.timezone ?? env.timezone ?? systemZone(),
  };
}

interface Running extends HealingRooms {
  readonly backup: Backup;
  readonly scheduler: Scheduler;
  readonly bot: Bot;
  readonly web: Web;
  readonly controls: OpsControls;
}

function createApp(built: Built, { begunAfter }: ComposeOptions, running: Running): App {
  const { audit, clock, log, live } = built;
  const lifecycle = createLifecycle(partsOf(built, running), { clock, log });
  const asLocal = (): ReturnType<typeof localActor> => localActor('cli', live.current().bot);
  return {
    start: lifecycle.start,
    stop: lifecycle.stop,
    reload() {
      running.controls.reloadConfig(asLocal(), false).then(
        (result) => log.info('configuration reload asked by signal', { result: { ...result } }),
        (cause: unknown) => log.error('configuration reload failed', { error: describeError(cause) }),
      );
    },
    async recordCrash(reason) {
      log.error('unexpected failure, leaving', { reason });
      const line = audit.append({ kind: 'stop', actor: 'nightshift', text: `crashed: ${reason}` });
      await within(clock, CRASH_LINE_LIMIT, line);
    },
    greeting: () => [
      `Nightshift ${version()} watches ${built.env.hostname} in ${running.healer.currentMode()} mode.${firstSample(running, begunAfter)}`,
      `Console: ${running.web.issueLoginLink()}`,
    ],
  };
}

function firstSample({ monitor }: Running, begunAfter: number): string {
  const at = monitor.firstSampleAt();
  if (at === null) return '';
  return ` First sample after ${((at - performance.timeOrigin - begunAfter) / 1_000).toFixed(2)} s.`;
}

/** In the order of their start; they stop in reverse. */
function partsOf(
  built: Built,
  { supervisor, targets, healer, monitor, backup, scheduler, bot, web }: Running,
): readonly Part[] {
  return [
    { name: 'lock', start: async () => {}, stop: built.lock.release },
    auditPart(built.audit, built.live),
    backupPart(backup, built),
    { name: 'self', start: built.self.start, stop: built.self.stop },
    { name: 'healing', start: healer.start, stop: () => healer.stop() },
    { name: 'supervisor', start: supervisor.start, stop: supervisor.stop },
    {
      name: 'targets',
      start: async () => targets.start(),
      stop: async () => targets.stop(),
    },
    { name: 'monitor', start: monitor.start, stop: monitor.stop },
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
  ];
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
    stop: async () => {},
  };
}

function fail(): never {
  throw new Error('asked before it was built');
}
