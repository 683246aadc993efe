/**
 * The night of the drawings as chat and mail show it: the scenes of the pictures in the manual. Cards are made by the
 * product's own code from stored state; the goldens in test/golden/scenes hold what is sent for each.
 */
import type { Card } from '../../src/bot/card.ts';
import { chartOf } from '../../src/bot/chart.ts';
import { chartSvg } from '../../src/bot/chart-svg.ts';
import { chartText } from '../../src/bot/chart-text.ts';
import { renderCard as renderDiscord } from '../../src/bot/discord/render.ts';
import { incidentMail, incidentSubject, type MailBody } from '../../src/bot/email/render.ts';
import { incidentCard } from '../../src/bot/messages.ts';
import { digestNotice } from '../../src/bot/notices.ts';
import { renderCard as renderSlack } from '../../src/bot/slack/render.ts';
import { threadLines } from '../../src/bot/thread-lines.ts';
import type { Approval } from '../../src/domain/approval.ts';
import { type Incident, isLive } from '../../src/domain/incident.ts';
import type { Sample } from '../../src/domain/metric.ts';
import {
  actionId,
  after,
  approvalId,
  type EpochMs,
  incidentId,
  minutes,
  seconds,
} from '../../src/domain/units.ts';
import { actor, incident } from './builders.ts';
import { APPROVAL_ID, actionPlan, approval, attempt, slowIncident, TROUBLE } from './night-builders.ts';

export const SCENE_ZONE = 'Europe/Berlin';
const CONTEXT = { timezone: SCENE_ZONE, consoleUrl: 'https://ops.example.org/' };
const ADA = actor({ surface: 'slack', id: 'U0ADA', display: 'ada', person: 'ada' });
/** Who is called for a page. */
export const SCENE_CALL = { slack: 'S0ONCALL', discord: '400000000000000001' };

export interface ChatScene {
  readonly name: string;
  readonly card: Card;
  /** When the message was posted or edited last. */
  readonly at: EpochMs;
  /** What its chart is made of; `null` where none belongs to it. */
  readonly incident: Incident | null;
}

export const SCENES: readonly ChatScene[] = [
  sceneOf('open', slowIncident({ ...early(), state: { kind: 'open' } }), null),
  sceneOf('waiting', slowIncident({ severity: 'critical' }), approval()),
  sceneOf('healed', healed(), decided('approved')),
  sceneOf('paged', paged(), decided('expired')),
  sceneOf('restore', restoreIncident(), restoreApproval()),
  digestScene(),
];

/** What Slack gets for it; the picture is named by the id of its file. */
export function slackScene({ card, incident: shown }: ChatScene): ReturnType<typeof renderSlack> {
  const picture = shown === null ? undefined : { key: 'chart', file: 'F0NIGHTCHART', alt: altOf(shown) };
  return renderSlack(card, card.page ? SCENE_CALL.slack : null, picture);
}

/** What Discord gets for it. */
export function discordScene({ card, incident: shown }: ChatScene): ReturnType<typeof renderDiscord> {
  const picture =
    shown === null ? undefined : { key: 'chart', file: '900000000000000001', alt: altOf(shown) };
  return renderDiscord(card, card.page ? { kind: 'role', id: SCENE_CALL.discord } : null, picture);
}

/** The mail of the page that chat did not take. */
export function mailScene(): MailBody & { readonly subject: string } {
  const shown = paged();
  const card = incidentCard(shown, decided('expired'), CONTEXT);
  const because =
    'It comes by mail because chat cannot be reached (slack for 12 min: no answer from slack.com).';
  const body = incidentMail({
    card,
    lines: threadLines(shown),
    timezone: SCENE_ZONE,
    host: shown.host,
    because,
    chart: { cid: 'chart', alt: altOf(shown) },
  });
  return { ...body, subject: incidentSubject(card, shown.host) };
}

/** The chart of a scene, before the child makes a picture of it; `null` where it has none. */
export function sceneChart({ incident: shown }: ChatScene, look: 'light' | 'dark'): string | null {
  const chart = shown === null ? null : chartOf(shown, newer(shown), SCENE_ZONE);
  return shown === null || chart === null ? null : chartSvg(chart, altOf(shown), SCENE_ZONE, look);
}

function sceneOf(name: string, shown: Incident, asked: Approval | null): ChatScene {
  const card = incidentCard(shown, asked, CONTEXT);
  return { name, card, at: shown.updatedAt, incident: shown.anomalies.length === 0 ? null : shown };
}

function early(): Partial<Incident> {
  return {
    attempts: [],
    timeline: slowIncident().timeline.slice(0, 2),
    updatedAt: after(TROUBLE, seconds(22)),
  };
}

function healed(): Incident {
  const at = after(TROUBLE, minutes(12));
  return slowIncident({
    severity: 'critical',
    state: { kind: 'resolved', at, how: 'healed', reason: 'Latency is 140 ms, 2 of 3 samples good' },
    attempts: [
      attempt(),
      attempt({
        actionId: actionId('act-1'),
        rung: 1,
        kind: 'restart_service',
        effect: 'systemctl restart billing-api',
        startedAt: after(TROUBLE, minutes(10)),
        finishedAt: after(TROUBLE, minutes(10)),
        verification: 'helped',
      }),
    ],
    updatedAt: at,
  });
}

function paged(): Incident {
  const at = after(TROUBLE, minutes(23));
  return slowIncident({
    severity: 'critical',
    state: { kind: 'escalated', at, reason: 'nobody answered in time, which means no' },
    pagedAt: at,
    updatedAt: at,
  });
}

function decided(how: 'approved' | 'expired'): Approval {
  const at = after(TROUBLE, minutes(how === 'approved' ? 10 : 23));
  const yes = { verdict: 'approve', by: ADA, at, reason: '' } as const;
  return approval({ state: { kind: how, at }, decisions: how === 'approved' ? [yes] : [] });
}

function restoreIncident(): Incident {
  const at = after(TROUBLE, minutes(40));
  return incident({
    id: incidentId('inc-90c1'),
    title: 'Restore config, data from 20261122T023000Z',
    severity: 'warning',
    state: { kind: 'awaiting_approval', approvalId: approvalId(APPROVAL_ID) },
    target: null,
    since: at,
    openedAt: at,
    updatedAt: at,
    anomalies: [],
    attempts: [],
  });
}

function restoreApproval(): Approval {
  const at = after(TROUBLE, minutes(40));
  const sections = ['config', 'data'] as const;
  const plan = actionPlan({
    incidentId: incidentId('inc-90c1'),
    strategy: 'restore',
    target: 'config, data from 20261122T023000Z',
    effect: 'Back up what is there, then restore config, data from 20261122T023000Z, section by section',
    undo: 'restore abort while it runs or waits, restore rollback afterwards',
    attemptsAllowed: 1,
  });
  return approval({
    plan: {
      ...plan,
      action: {
        kind: 'restore',
        backup: '20261122T023000Z',
        sections,
        path: null,
        target: null,
        timeLimit: seconds(3_600),
        needsApproval: true,
      },
    },
    why: 'Invoices of last night are wrong. config: 2 changed; 12 KiB to write. data: 3 added, 41 changed, 1 removed; 118 MiB to write.',
    tried: 'Nothing was tried yet.',
    requestedBy: ADA,
    requestedAt: at,
    expiresAt: after(at, minutes(15)),
  });
}

function digestScene(): ChatScene {
  const titles = [
    'billing-api is slow',
    'Disk /var is filling',
    'Queue mail is stuck',
    'thumbnails exits again and again',
  ];
  const waiting = titles.map((title, at) =>
    incidentCard(
      slowIncident({ id: incidentId(`inc-7f3${at}`), title, state: { kind: 'open' } }),
      null,
      CONTEXT,
    ),
  );
  return {
    name: 'digest',
    card: digestNotice('digest-1', 2, waiting, 60),
    at: after(TROUBLE, minutes(5)),
    incident: null,
  };
}

/** Slow until the restart at 03:16, then as ever. */
function newer(shown: Incident): readonly Sample[] {
  const metric = shown.anomalies[0]?.evidence.metric ?? 'latency:billing-api';
  return Array.from({ length: 24 }, (_, step) => ({
    metric,
    at: after(TROUBLE, minutes(9.5 + step / 2)),
    value: step < 2 || shown.state.kind !== 'resolved' ? 2_340 : 130 + (step % 4) * 6,
  }));
}

function altOf(shown: Incident): string {
  const anomaly = shown.anomalies[0];
  return anomaly === undefined ? '' : chartText(anomaly, SCENE_ZONE, !isLive(shown));
}
