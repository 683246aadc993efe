/** One hostile text through every surface: what a host, a log line or a process title may say is shown, never obeyed. */
import { describe, expect, it } from 'vitest';
import { harmless } from '../../../src/bot/cli/paint.ts';
import { renderJson, renderReply as renderTerminal } from '../../../src/bot/cli/render.ts';
import * as discord from '../../../src/bot/discord/render.ts';
import { incidentMail, incidentSubject } from '../../../src/bot/email/render.ts';
import { incidentCard } from '../../../src/bot/messages.ts';
import { redactedCard, redactedData, redactedLine } from '../../../src/bot/redact-data.ts';
import { formView } from '../../../src/bot/slack/form.ts';
import * as slack from '../../../src/bot/slack/render.ts';
import { suggest } from '../../../src/bot/suggest.ts';
import { threadLines } from '../../../src/bot/thread-lines.ts';
import type { Incident } from '../../../src/domain/incident.ts';
import { createRedactor } from '../../../src/platform/redact.ts';
import { actor } from '../../support/builders.ts';
import { SHAPES } from '../../support/chat.ts';
import { checkMessage, isFault } from '../../support/discord-rules.ts';
import { createFakeControls } from '../../support/fake-controls.ts';
import {
  actionPlan,
  approval,
  attempt,
  slowAnomaly,
  slowIncident,
  TROUBLE,
} from '../../support/night-builders.ts';
import { modalBody, SLACK_METHODS } from '../../support/slack-rules.ts';

const TOKEN = `xoxb-${'1234567890'.repeat(2)}-abcdefghijklmnopqrstuvwx`;
const PASSWORD = 'correct-horse-battery';
const HOSTILE = [
  '@everyone @here <!channel> <!here> <@U0ADA> <@&400000000000000001> <#C0OPS> <!subteam^S0ONCALL>',
  '[click](https://evil.example) <https://evil.example|ok> www.evil.example mailto:a@evil.example',
  '*b* _i_ ~s~ `c` ```d``` > q # h <t:1:R> ||spoiler||',
  '\u001b[31mred\u001b[0m \u001b]8;;https://evil.example\u0007link\u001b]8;;\u0007 \u009b31m \u0007\u0008',
  '\u202egnp.exe\u2066 \u200fRTL \u200bzero',
  `token ${TOKEN} password ${PASSWORD}`,
  '\r\nBcc: everyone@evil.example\r\n\r\n<script>alert(1)</script><img src=x onerror=alert(1)>',
].join(' ');
const LONG = `${HOSTILE} ${'A'.repeat(10_000)}`;
const redact = createRedactor([PASSWORD]);
/** Times and links of our own. */
const OWN_SLACK = /<!date\^[^>]*>|<https:\/\/ops\.example\/[^>]*>/g;
const OWN_DISCORD = /(?<!\\)<t:\d{10}:[tTR]>|\[Open in the console\]\([^)]*\)|```[\s\S]*?```/g;

function hostileIncident(text: string): Incident {
  const evidence = {
    ...slowAnomaly().evidence,
    metric: `latency:${text}`,
    causes: [{ text, at: TROUBLE }],
    topProcesses: [{ pid: 1, name: text, cpu: 1, memoryBytes: 1 }],
  };
  return slowIncident({
    title: text,
    target: text,
    anomalies: [slowAnomaly({ summary: text, evidence })],
    attempts: [attempt({ target: text, outcome: { kind: 'failed', reason: text } })],
    timeline: [{ at: TROUBLE, tone: 'bad', text }],
  });
}

function hostile(text: string) {
  const incident = hostileIncident(text);
  const asked = approval({ why: text, plan: actionPlan({ target: text, effect: text, undo: text }) });
  const card = redactedCard(
    incidentCard(incident, asked, { timezone: 'UTC', consoleUrl: 'https://ops.example' }),
    redact,
  );
  const lines = threadLines(incident).map((line) => redactedLine(line, redact));
  return { incident, asked, card, lines };
}

/** Every string in it that a person or a platform reads. */
function texts(value: unknown): readonly string[] {
  if (typeof value === 'string') return [value];
  if (typeof value !== 'object' || value === null) return [];
  return Object.values(value).flatMap(texts);
}

/** What Slack reads as mrkdwn; plain-text objects (buttons, confirmations, inputs) are shown as they are. */
function parsed(value: unknown): readonly string[] {
  if (typeof value === 'string') return [value];
  if (typeof value !== 'object' || value === null) return [];
  if ('type' in value && (value.type === 'plain_text' || value.type === 'plain_text_input')) return [];
  return Object.values(value).flatMap(parsed);
}

function noSecretsNoControls(all: readonly string[]): void {
  const text = all.join('\n');
  expect(text).not.toContain(TOKEN);
  expect(text).not.toContain(PASSWORD);
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
  expect(text).not.toMatch(/[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069\u200e\u200f]/);
}

describe.each([
  ['short', HOSTILE],
  ['10,000 characters', LONG],
])('text of a host that means harm, %s', (_, text) => {
  const { incident, asked, card, lines } = hostile(text);
  const [line] = lines;

  it('is inert in Slack: card, thread, call, private answer', () => {
    const sent = [
      slack.renderCard(card, null),
      ...(line === undefined ? [] : [slack.renderLine(line)]),
      slack.renderReply(redact(text)),
    ];

    for (const message of sent) {
      noSecretsNoControls(texts(message));
      const read = parsed(message).join('\n').replaceAll(OWN_SLACK, '');
      expect(read).not.toMatch(/<[!@#h]/);
      const rule = SLACK_METHODS['chat.postMessage']?.args;
      expect(rule?.safeParse({ channel: 'C1', ...message }).error?.issues ?? []).toEqual([]);
    }
  });

  it('is inert in Discord: card, thread, its name, private answer', () => {
    const role = { kind: 'role', id: '400000000000000001' } as const;
    const sent = [discord.renderCard(card, role), ...(line === undefined ? [] : [discord.renderLine(line)])];

    for (const message of sent) {
      noSecretsNoControls(texts(message));
      expect(isFault(checkMessage(JSON.parse(JSON.stringify(message))))).toBe(false);
      expect(message.allowed_mentions.parse).toEqual([]);
    }
    const answers = discord.renderReply(redact(text));
    noSecretsNoControls([discord.threadName(card), ...answers]);
    expect(discord.threadName(card).length).toBeLessThanOrEqual(100);
    const { embeds } = discord.renderCard(card, null);
    for (const read of [...texts(embeds), ...answers]) {
      const foreign = read.replaceAll(OWN_DISCORD, '');
      expect(foreign).not.toMatch(/@everyone|@here|(?<!\\)<[@#t]|(?<!\\)\]\(|https:\/\//);
    }
  });

  it('is inert in what is offered while somebody types', async () => {
    const controls = createFakeControls({ incidents: [incident], approvals: [asked] });
    const who = actor({ roles: ['viewer', 'responder', 'approver'] });
    for (const [word, option] of [
      ['ack', 'id'],
      ['approve', 'id'],
      ['ack', 'target'],
    ] as const) {
      const offered = await suggest(controls, who, { words: [word], option, typed: '' }, redact);

      noSecretsNoControls(offered.map(({ label }) => label));
      for (const { label } of offered) expect(label.length).toBeLessThanOrEqual(100);
    }
  });

  it('is inert in the form of Slack: what it says, what it offers, what was typed', async () => {
    const controls = createFakeControls({ incidents: [incident], approvals: [asked] });
    const who = actor({ roles: ['viewer', 'responder', 'approver'] });
    const ids = await suggest(controls, who, { words: ['approve'], option: 'id', typed: '' }, redact);
    const view = formView(
      { words: ['approve'], given: { reason: redact(text) }, suggestions: { id: ids } },
      SHAPES,
      { said: redact(text), channel: 'C1' },
    );

    expect(ids).toHaveLength(1);
    noSecretsNoControls(texts(view));
    expect(parsed(view).join('\n')).not.toMatch(/<[!@#h]/);
    expect(modalBody.safeParse(JSON.parse(JSON.stringify(view))).error?.issues ?? []).toEqual([]);
  });

  it('is inert in mail: subject, text, HTML', () => {
    const subject = incidentSubject(card, 'web-1\r\nBcc: x@evil.example');
    const chart = { cid: 'chart', alt: redact(text) };
    const mail = incidentMail({
      card,
      lines,
      chart,
      timezone: 'UTC',
      host: 'web-1',
      because: 'Chat is down.',
    });

    noSecretsNoControls([subject, mail.text, mail.html]);
    expect(subject).not.toContain('\n');
    expect(subject.length).toBeLessThan(300);
    expect(mail.html).not.toMatch(/<script|<img src=x|href="(?!https:\/\/ops\.example)/);
    expect(mail.text.replaceAll('https://ops.example', '')).not.toMatch(/https:\/\/|@evil/);
  });

  it('is inert on a terminal, as text, table and JSON', () => {
    const reply = {
      ok: true,
      code: 'OK',
      text: redact(text),
      data: redactedData({ incidents: [text] }, redact),
    } as const;
    const options = { isTty: true, colours: false, width: 80, time: (iso: string) => iso };

    noSecretsNoControls([renderTerminal(null, reply, options), harmless(redact(text))]);
    const json = renderJson(reply);
    expect(JSON.parse(json)).toMatchObject({ ok: true });
    // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
    expect(json).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u007f-\u009f]/);
  });
});
