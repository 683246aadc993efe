/**
 * The bot on its chat surfaces: what happens goes to every surface from stored state, what people type or press goes
 * to the command desk. A surface that dies, hangs or refuses costs only itself: nothing here waits for one.
 */
import type { Actor, Approval } from '../domain/approval.ts';
import type { BudgetUse, ThrottleState } from '../domain/budget.ts';
import type { ControlResult, OpsControls } from '../domain/controls.ts';
import type { DoctorCheck } from '../domain/doctor.ts';
import { describeError } from '../domain/errors.ts';
import type { Freeze, Mode, SurfaceHealth } from '../domain/events.ts';
import type { Incident } from '../domain/incident.ts';
import type { Cancel, Clock, EventBus, Live, Logger, MessageMeter, StateStore } from '../domain/ports.ts';
import type { ReportPicture } from '../domain/report.ts';
import { type Ms, seconds } from '../domain/units.ts';
import { withDeadline } from '../platform/deadline.ts';
import { type Announcer, createAnnouncer } from './announcer.ts';
import { budgetNotice, throttleNotice } from './budget-notices.ts';
import type { ThreadLine } from './card.ts';
import type { ChartPainter } from './chart-png.ts';
import { findingLines, runChecks } from './checks.ts';
import { COMMANDS } from './commands/table.ts';
import type { BotConfig } from './config.ts';
import type { MailDesk } from './email/desk.ts';
import type { Mailer } from './email/mailer.ts';
import { createHealthWatch, type HealthWatch, upNow } from './health-watch.ts';
import { createInbound } from './inbound.ts';
import { type Inbox, openInbox } from './inbox.ts';
import { createIncidentCards } from './incident-cards.ts';
import { createIncidentPictures } from './incident-pictures.ts';
import { openMail } from './mail.ts';
import { freezeNotice, modeNotice, testNotice, wordNotice } from './notices.ts';
import { actorLabel } from './permissions.ts';
import type { Redact } from './redact-data.ts';
import { paintedReport } from './report-picture.ts';
import type { CommandDesk } from './run.ts';
import { commandShapes } from './shapes.ts';
import type { ChatSurface, ChatSurfaceId } from './surface.ts';
import { openThreads, type Threads } from './threads.ts';

const SWEEP_EVERY: Ms = seconds(60);
const STOP_LIMIT: Ms = seconds(4);
const NOBODY = 'No chat surface is up.';

export interface BotDeps {
  readonly config: Live<BotConfig>;
  readonly controls: OpsControls;
  readonly desk: CommandDesk;
  readonly surfaces: readonly ChatSurface[];
  readonly clock: Clock;
  readonly bus: Pick<EventBus, 'publish'>;
  readonly log: Logger;
  readonly states: StateStore;
  readonly meter?: MessageMeter;
  readonly timezone: string;
  readonly redact: Redact;
  /** Makes pictures of charts. */
  readonly painter: ChartPainter;
  /** `null` where no mail is configured. */
  readonly mailer: Mailer | null;
  /** What the test commands look at beside what is seen. */
  readonly checks: () => readonly DoctorCheck[];
}

/** The room's facade. Its handlers take the events of the same name; before `start` they do nothing. */
export interface Bot {
  /** Resolves when the stored state is read; surfaces go on connecting. Twice is the same promise. */
  start(): Promise<void>;
  stop(): Promise<void>;
  /** `incident.opened`, `.updated`, `.escalated`, `.resolved`. */
  incidentChanged(event: { readonly incident: Incident }): void;
  /** `action.proposed`, `.approved`, `.denied`, `.expired`. */
  approvalChanged(event: { readonly approval: Approval }): void;
  freezeChanged(event: { readonly freeze: Freeze | null; readonly by: Actor | null }): void;
  modeChanged(event: { readonly mode: Mode; readonly by: Actor | null }): void;
  budgetExceeded(event: { readonly use: BudgetUse }): void;
  throttleChanged(event: { readonly state: ThrottleState }): void;
  /** How each configured chat surface is. */
  health(): Readonly<Partial<Record<ChatSurfaceId | 'mail', SurfaceHealth>>>;
  /** Shows a test alert, or test buttons, on every surface that is up; or sends a test mail. */
  test(what: 'alert' | 'mail' | 'buttons', by: Actor): Promise<ControlResult>;
  /** Says something that is no incident on every surface that is up; the reason where none is. */
  say(title: string, lines: readonly string[], picture: ReportPicture | null): string | null;
  /** The same by mail, where mail is configured; the reason where it did not leave. */
  mail(title: string, lines: readonly string[], picture: ReportPicture | null): Promise<string | null>;
}

interface Running {
  readonly announcer: Announcer;
  readonly inbox: Inbox;
  readonly mail: MailDesk | null;
}

export function createBot(deps: BotDeps): Bot {
  const { clock, controls, surfaces, timezone } = deps;
  const all = surfaces.map((surface) => surface.id);
  const watch = createHealthWatch(deps, () => running?.announcer);
  let running: Running | undefined;
  let starting: Promise<void> | undefined;
  let sweeping: Cancel = () => {};

  async function open(): Promise<void> {
    const threads = await openThreads(deps);
    const inbox = await openInbox(deps);
    running = await openRunning(deps, threads, inbox, watch);
    running.mail?.start();
    sweepAll(running, all);
    sweeping = clock.every(SWEEP_EVERY, () => running && sweepAll(running, all));
    for (const surface of surfaces) connect(surface, running);
  }

  /** Not awaited: a platform that does not answer must not hold the start. */
  function connect(surface: ChatSurface, { announcer, inbox }: Running): void {
    const refresh = (id: string, force: boolean): void => {
      const incident = controls.incident(id);
      if (incident !== undefined) announcer.show(incident, force);
    };
    const onHealth = (health: SurfaceHealth): void => watch.changed(surface.id, health);
    const inbound = createInbound({ ...deps, surface: surface.id, inbox, refresh, onHealth });
    surface.start(inbound, commandShapes(COMMANDS)).catch((cause: unknown) => {
      watch.changed(surface.id, { state: 'down', since: clock.now(), reason: describeError(cause) });
    });
  }

  return {
    start() {
      starting ??= open();
      return starting;
    },
    async stop() {
      sweeping();
      running?.announcer.stop();
      running?.mail?.stop();
      running = undefined;
      await Promise.all(surfaces.map((surface) => stopSurface(surface, deps)));
    },
    incidentChanged: ({ incident }) => running?.announcer.show(incident),
    approvalChanged({ approval }) {
      const incident = controls.incident(approval.incidentId);
      if (incident !== undefined) running?.announcer.show(incident);
    },
    freezeChanged: ({ freeze, by }) =>
      running?.announcer.notify(freezeNotice(freeze, nameOf(by), clock.now(), timezone), 2, all),
    modeChanged: ({ mode, by }) =>
      running?.announcer.notify(modeNotice(mode, nameOf(by), clock.now()), 2, all),
    budgetExceeded: ({ use }) => running?.announcer.notify(budgetNotice(use, clock.now()), 2, all),
    throttleChanged: ({ state }) => running?.announcer.notify(throttleNotice(state, clock.now()), 2, all),
    health: () => ({ ...watch.all(), ...(running?.mail ? { mail: running.mail.health() } : {}) }),
    test: (what, by) => test(what, by, running, watch, deps),
    say: (...said) => say(said, running, upNow(watch), deps),
    mail: async (title, lines, picture) =>
      (await running?.mail?.tell(title, lines, paintedReport(picture, deps.painter))) ?? null,
  };
}

function say(
  [title, lines, picture]: Parameters<Bot['say']>,
  running: Running | undefined,
  up: readonly ChatSurfaceId[],
  { clock, painter }: BotDeps,
): string | null {
  if (up.length === 0 || running === undefined) return NOBODY;
  const card = wordNotice(title, lines, clock.now());
  running.announcer.notify(card, 2, up, paintedReport(picture, painter));
  return null;
}

function sweepAll({ announcer }: Running, surfaces: readonly ChatSurfaceId[]): void {
  for (const id of surfaces) announcer.sweep(id);
}

async function test(
  what: 'alert' | 'mail' | 'buttons',
  by: Actor,
  running: Running | undefined,
  watch: HealthWatch,
  deps: BotDeps,
): Promise<ControlResult> {
  if (what === 'mail') {
    if (running?.mail) return running.mail.test(actorLabel(by));
    return { kind: 'failed', reason: 'No mail is configured: set SMTP_URL and MAIL_TO.' };
  }
  const { clock, checks } = deps;
  const up = upNow(watch);
  const isSent = up.length > 0 && running !== undefined;
  if (isSent) running.announcer.notify(testNotice(what, actorLabel(by), clock.now()), 0, up);
  const findings = findingLines(await runChecks(checks(), clock));
  const sent = isSent ? `A test (${what}) goes to ${up.join(' and ')}.` : NOBODY;
  const text = [sent, ...findings].join('\n');
  return isSent ? { kind: 'done', text } : { kind: 'failed', reason: text };
}

async function openRunning(
  deps: BotDeps,
  threads: Threads,
  inbox: Inbox,
  watch: HealthWatch,
): Promise<Running> {
  const pictures = createIncidentPictures(deps);
  const cards = createIncidentCards(deps);
  const onHealth = (health: SurfaceHealth): void => watch.changed('mail', health);
  const mail = await openMail({ ...deps, threads, cards, pictures, chat: watch.all, onHealth });
  const extraLines = (key: string): readonly ThreadLine[] => mail?.linesFor(key) ?? [];
  return { announcer: createAnnouncer({ ...deps, threads, cards, pictures, extraLines }), inbox, mail };
}

async function stopSurface(surface: ChatSurface, { clock, log }: BotDeps): Promise<void> {
  try {
    await withDeadline(clock, { what: surface.id, span: STOP_LIMIT }, () => surface.stop());
  } catch (cause) {
    log.warn('surface did not stop', { surface: surface.id, error: describeError(cause) });
  }
}

function nameOf(by: Actor | null): string {
  return by?.display ?? 'Nightshift';
}
