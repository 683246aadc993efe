/**
 * The composition root: every long-lived object is built once, by hand, in the order of what it needs. The one knot
 * (the bot asks the controls, the controls ask the bot) is untied by a look-up at use.
 */
import { join, resolve } from 'node:path';
import { performance } from 'node:perf_hooks';
import { type Bot, createBot } from '../bot/bot.ts';
import { createChartPainter } from '../bot/chart-png.ts';
import { actorLabel, localActor } from '../bot/permissions.ts';
import { type CommandDesk, createCommandDesk } from '../bot/run.ts';
import type { SlackSurface } from '../bot/slack/surface.ts';
import type { DemoDesk } from '../bot/web/deps.ts';
import { createWeb, type Web } from '../bot/web/server.ts';
import type { HookDesk } from '../bot/webhook/inbound.ts';
import type { OpsControls } from '../domain/controls.ts';
import { describeError } from '../domain/errors.ts';
import { seconds } from '../domain/units.ts';
import { createAuditLog } from '../healing/audit-log.ts';
import type { Monitor } from '../monitor/monitor.ts';
import { createEventBus } from '../platform/event-bus.ts';
import { systemZone } from '../platform/local-time.ts';
import { acquireLock } from '../platform/lock.ts';
import { createMessageMeter } from '../platform/message-meter.ts';
import { createProcessTable } from '../platform/process-identity.ts';
import { createScheduler } from '../platform/scheduler.ts';
import { createBackups, type LateRooms } from './backups.ts';
import type { LoadedConfig } from './config.ts';
import { createControls } from './controls.ts';
import { openDoors } from './doors.ts';
import { createDrills, sandboxPlace } from './drill/drill.ts';
import type { Environment } from './environment.ts';
import { createHooks, createSinks } from './hooks.ts';
import { addJobs } from './jobs.ts';
import { createLifecycle, within } from './lifecycle.ts';
import { createLiveConfig } from './live-config.ts';
import { withMessageBudget } from './message-budget.ts';
import type { RunOverrides } from './overrides.ts';
import { partsOf, type Running } from './parts.ts';
import { dailyReports } from './reports.ts';
import { type Built, createRooms } from './rooms.ts';
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

export interface ComposeOptions extends RunOverrides {
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
  return createApp(built, options, assemble(built, options));
}

/** The one knot: the bot asks the controls, and the controls ask the bot. */
interface Late extends LateRooms {
  bot?: Bot;
  controls?: OpsControls;
}

function assemble(built: Built, options: ComposeOptions): Running {
  const { env, live } = built;
  const late: Late = {};
  const before = roomsBefore(built, late);
  const rooms = createRooms(built, before);
  late.gate = rooms.healer;
  late.pool = rooms.supervisor.workers;
  const sinks = createSinks(built, () => late.controls?.ready().ready ?? true);
  const surfaces = createSurfaces(env, live.current().bot, built);
  const scheduler = createScheduler(built);
  const jobs = addJobs(scheduler, { ...built, ...before, ...rooms, dailyReports: () => reportsOfTheDay() });
  const controls = createControls({
    ...built,
    ...before,
    ...rooms,
    webhooks: { ...sinks, addresses: before.hooks.addresses },
    bot: () => late.bot ?? fail(),
    version: version(),
    startedAt: built.clock.now(),
    complaints: () => [
      ...env.warnings,
      ...surfaces.warnings,
      ...jobs.complaints(),
      ...rooms.queues.complaints(),
    ],
  });
  const desk = createCommandDesk({ ...built, controls });
  const bot = createBot({
    ...built,
    config: withMessageBudget(live, rooms.optimizer),
    controls,
    desk,
    surfaces: surfaces.chat,
    painter: createChartPainter(built),
    mailer: surfaces.mailer,
    checks: () => surfaceChecks(env, built.live.current().bot, built),
  });
  const reportsOfTheDay = dailyReports({
    ...built,
    reports: controls.reports,
    told: () => live.current().bot.reports.post,
    mail: bot.mail,
  });
  late.bot = bot;
  late.controls = controls;
  const web = webDoor(built, options, { ...before, ...rooms, controls, desk, slackHttp: surfaces.slackHttp });
  wire(built.bus, { ...before, ...rooms, bot, sinks, clock: built.clock });
  return { ...before, ...rooms, sinks, scheduler, bot, web, controls };
}

/** What the watching and healing rooms need to be there. */
function roomsBefore(built: Built, late: LateRooms): Pick<Running, 'backup' | 'hooks' | 'drills'> {
  return {
    backup: createBackups(built, late),
    hooks: createHooks(built),
    drills: createDrills({ ...built, ...sandboxPlace(built.env), nameOf: actorLabel }),
  };
}

interface Behind {
  readonly controls: OpsControls;
  readonly desk: CommandDesk;
  readonly monitor: Monitor;
  readonly hooks: HookDesk;
  readonly slackHttp: SlackSurface | null;
}

/** The console and the API. */
function webDoor(built: Built, options: ComposeOptions, behind: Behind): Web {
  const { env } = built;
  const { controls, desk, monitor, hooks, slackHttp } = behind;
  return createWeb({
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
    hooks,
    ...(options.demo === undefined ? {} : { demo: options.demo }),
    ...(slackHttp === null ? {} : { slackHttp: slackHttp.handleHttp }),
  });
}

async function build(env: Environment, loaded: LoadedConfig, overrides: RunOverrides): Promise<Built> {
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
    again: overrides.again,
    self,
    commands: self.commands,
    meter: createMessageMeter(doors.clock),
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

function fail(): never {
  throw new Error('asked before it was built');
}
