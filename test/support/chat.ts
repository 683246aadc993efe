/** What tests of chat surfaces share: a card, short spans, an inbound that remembers, a patient look. */
import { expect, vi } from 'vitest';
import type { Card, CardButton } from '../../src/bot/card.ts';
import type { CommandShape, Invocation, Press, PrivateReply, SurfaceInbound } from '../../src/bot/surface.ts';
import { SURFACE_TIMING, type SurfaceTiming } from '../../src/bot/surface-timing.ts';
import type { SurfaceHealth } from '../../src/domain/events.ts';
import { after, minutes, ms } from '../../src/domain/units.ts';
import { START } from './builders.ts';

/** The product's own code with shorter spans, for tests in real time. */
export const FAST: SurfaceTiming = {
  ...SURFACE_TIMING,
  beatEvery: ms(100),
  hungAfter: ms(6_000),
  rebuildFrom: ms(100),
  rebuildUpTo: ms(1_000),
  degradedAfter: ms(300),
  downAfter: ms(1_200),
  callWithin: ms(2_000),
  checkEvery: ms(1_000),
  probeEvery: ms(200),
  helloWithin: ms(1_500),
  quietFor: ms(2_500),
  pongWithin: ms(2_000),
  reconnectFrom: ms(50),
  reconnectUpTo: ms(400),
  crowdedFor: ms(300),
  confirmAfter: ms(150),
  deafFor: ms(3_000),
  ackWithin: ms(4_000),
  editEvery: ms(600),
};

export const APPROVE: CardButton = {
  verb: 'approve',
  label: 'Approve',
  tone: 'go',
  subject: 'apr-1',
  confirm: null,
};
export const DENY: CardButton = {
  verb: 'deny',
  label: 'Deny',
  tone: 'stop',
  subject: 'apr-1',
  confirm: null,
};

export function card(over: Partial<Card> = {}): Card {
  return {
    key: 'inc-7f3a',
    version: 1,
    tone: 'warn',
    word: 'Waiting',
    severity: 'critical',
    title: 'rpa-worker is down on web-1',
    lead: 'It answers no health check for 40 s. Nothing was tried yet.',
    facts: [
      { label: 'Health', value: '0 of 3 checks, normal 3 of 3', weight: 1 },
      { label: 'Since', value: '02:00 UTC', weight: 2 },
    ],
    code: 'systemctl restart rpa-worker',
    next: 'Approve to run it now. Without an answer nothing is done.',
    buttons: [APPROVE, DENY],
    expiresAt: after(START, minutes(15)),
    stamp: null,
    link: { label: 'Open in the console', url: 'http://127.0.0.1:8787/incidents/inc-7f3a' },
    page: false,
    ...over,
  };
}

/** Far more than any surface can show, written by somebody who means harm. */
export function hugeCard(): Card {
  const hostile =
    '@everyone <!channel> <@U1> *bold* _it_ `code` ~x~ [a](https://evil.example) \u001b[31mred\u202e & > # ';
  return card({
    title: hostile.repeat(20),
    lead: hostile.repeat(60),
    facts: Array.from({ length: 60 }, (_, at) => ({
      label: `Fact ${at + 1} ${hostile}`,
      value: hostile.repeat(10),
      weight: at < 10 ? 1 : at < 30 ? 2 : 3,
    })),
    code: `${hostile}\n\`\`\`\n`.repeat(120),
    next: hostile.repeat(60),
    buttons: [
      { ...APPROVE, label: hostile, subject: `apr-${'x'.repeat(80)}`, confirm: hostile.repeat(10) },
      { ...DENY, label: hostile, subject: `apr-${'x'.repeat(80)}` },
      { verb: 'ack', label: 'Ack', tone: 'neutral', subject: 'inc-7f3a', confirm: null },
      { verb: 'more', label: 'More', tone: 'neutral', subject: 'inc-7f3a', confirm: null },
    ],
    stamp: { text: hostile.repeat(20), at: START },
    link: { label: hostile, url: 'http://127.0.0.1:8787/incidents/inc-7f3a' },
  });
}

export const SHAPES: readonly CommandShape[] = [
  { words: ['status'], admin: false, summary: 'How things are now', options: [option('window')] },
  {
    words: ['incident', 'list'],
    admin: false,
    summary: 'Open incidents',
    options: [option('state', ['open', 'all'])],
  },
  { words: ['incident', 'show'], admin: false, summary: 'One incident', options: [option('id', [], true)] },
  {
    words: ['approve'],
    admin: false,
    summary: 'Approve what waits',
    options: [option('reason'), option('id', [], true)],
  },
  { words: ['audit', 'verify'], admin: true, summary: 'Check the chain of the audit log', options: [] },
];

function option(
  name: string,
  choices: readonly string[] = [],
  required = false,
): CommandShape['options'][number] {
  return { name, summary: `The ${name}`, required, type: 'string', choices, suggests: name === 'id' };
}

export interface RememberingInbound extends SurfaceInbound {
  readonly commands: Invocation[];
  readonly presses: Press[];
  readonly told: SurfaceHealth[];
  state(): SurfaceHealth['state'] | 'untold';
  /** Answers all that follows with this. */
  answer(reply: PrivateReply | Promise<PrivateReply> | Error): void;
}

export function createInbound(): RememberingInbound {
  const commands: Invocation[] = [];
  const presses: Press[] = [];
  const told: SurfaceHealth[] = [];
  let reply: PrivateReply | Promise<PrivateReply> | Error = { ok: true, text: 'All is well.' };
  const suggestions = [{ value: 'inc-7f3a', label: 'inc-7f3a · Waiting · rpa-worker is down' }];
  const answer = async (): Promise<PrivateReply> => {
    if (reply instanceof Error) throw reply;
    return reply;
  };
  return {
    commands,
    presses,
    told,
    state: () => told.at(-1)?.state ?? 'untold',
    answer(next) {
      reply = next;
    },
    async command(invocation) {
      commands.push(invocation);
      return answer();
    },
    async press(press) {
      presses.push(press);
      return answer();
    },
    suggest: async ({ typed }) => suggestions.filter(({ value }) => value.includes(typed)),
    health: (health) => void told.push(health),
  };
}

/** Waits until it holds; fails with the last reason after `span`. */
export async function eventually(check: () => unknown, span = 8_000): Promise<void> {
  await vi.waitFor(() => expect(check()).toBeTruthy(), { timeout: span, interval: 20 });
}

/** A promise that the test settles. */
export interface Later<T> {
  readonly promise: Promise<T>;
  resolve(value: T): void;
}

export function later<T = { ok: boolean; text: string }>(): Later<T> {
  let resolve: (value: T) => void = () => {};
  const promise = new Promise<T>((settle) => {
    resolve = settle;
  });
  return { promise, resolve: (value) => resolve(value) };
}
