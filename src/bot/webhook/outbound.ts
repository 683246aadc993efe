/**
 * Signed events out. What is to be told is on disk first, then sent: in order for each incident, again and again for
 * a day, once too often rather than never (the id tells a receiver what it has had).
 *
 * Each sink has a lane of its own: one that hangs delays nobody else, and nothing in the house waits for any.
 */
import { describeError } from '../../domain/errors.ts';
import type { OpsEvent } from '../../domain/events.ts';
import type { LetterView, WebhookDesk } from '../../domain/outside.ts';
import type { Cancel, Clock, Document, Live, Random, StateStore } from '../../domain/ports.ts';
import { type Ms, seconds } from '../../domain/units.ts';
import { type Plain, toPlain } from '../../platform/plain-data.ts';
import type { Redact } from '../redact-data.ts';
import type { SinkConfig } from './config.ts';
import { type DeliveryDeps, deliver, signOfLife } from './delivery.ts';
import { isWanted, type OutboundMessage, outboundMessage, testMessage } from './outbound-message.ts';
import {
  EMPTY,
  enqueue,
  type Letter,
  MOST_WAITING,
  nextLetter,
  type Outbox,
  OutboxFile,
  revived,
  settled,
} from './outbound-queue.ts';

const LOOK_EVERY: Ms = seconds(1);

export interface OutboundDeps extends DeliveryDeps {
  readonly config: Live<{ readonly webhooks: { readonly sinks: readonly SinkConfig[] } }>;
  readonly random: Random;
  readonly states: StateStore;
  readonly redact: Redact;
  readonly host: string;
}

export interface Outbound extends Omit<WebhookDesk, 'addresses'> {
  start(): Promise<void>;
  /** What was told until now is on disk then. */
  stop(): Promise<void>;
  /** Any event; what no sink wants is ignored. */
  told(event: OpsEvent): void;
}

export function createOutbound(deps: OutboundDeps): Outbound {
  const { clock, config } = deps;
  const sinks = (): readonly SinkConfig[] => config.current().webhooks.sinks;
  const box = createKeptBox(deps);
  const sender = createSender(deps, box);
  let cancel: Cancel = () => {};

  function add(message: OutboundMessage): readonly SinkConfig[] {
    const wanted = sinks().filter((sink) => isWanted(message, sink));
    box.add(wanted.flatMap((sink) => lettersFor(sink, message, clock)));
    return wanted;
  }

  return {
    async start() {
      await box.open();
      cancel = clock.every(LOOK_EVERY, async () => {
        await box.save();
        for (const sink of sinks()) sender.look(sink);
      });
    },
    async stop() {
      cancel();
      await box.save();
    },
    told(event) {
      if (sinks().length === 0) return;
      const message = outboundMessage(event, contextOf(deps));
      if (message === null || add(inertMessage(message, deps.redact)).length === 0) return;
      void box.save();
    },
    async test(by) {
      const wanted = add(testMessage(by, contextOf(deps)));
      await box.save();
      return wanted.map(({ name }) => name);
    },
    waiting: () => box.current().waiting.map(letterView),
    dead: () => box.current().dead.map(letterView),
    async replay(sink) {
      const before = box.current().dead.length;
      const { dead } = await box.update((state) => revived(state, sink, clock.now()));
      return before - dead.length;
    },
  };
}

/** The outbox on disk; what is added between two writes shares the next one. */
interface KeptBox {
  open(): Promise<void>;
  current(): Outbox;
  add(letters: readonly Letter[]): void;
  save(): Promise<void>;
  update(change: (box: Outbox) => Outbox): Promise<Outbox>;
}

function createKeptBox({ states, log }: OutboundDeps): KeptBox {
  let document: Document<Outbox> | null = null;
  let fresh: readonly Letter[] = [];

  return {
    async open() {
      document = (await states.open('webhooks_out', (data) => OutboxFile.parse(data), EMPTY)).document;
    },
    current: () => document?.value ?? EMPTY,
    add(letters) {
      fresh = [...fresh, ...letters].slice(-MOST_WAITING);
    },
    async save() {
      if (document === null || fresh.length === 0) return;
      const letters = fresh;
      fresh = [];
      try {
        await document.update((box) => enqueue(box, letters));
      } catch (cause) {
        log.error('webhook events not kept', { error: describeError(cause) });
        fresh = [...letters, ...fresh].slice(-MOST_WAITING);
      }
    },
    update: async (change) => (document === null ? EMPTY : document.update(change)),
  };
}

interface Sender {
  /** Sends what is due, one after the other; returns at once. */
  look(sink: SinkConfig): void;
}

function createSender(deps: OutboundDeps, box: KeptBox): Sender {
  const { clock, log } = deps;
  const busy = new Set<string>();
  const beats = new Map<string, Ms>();

  async function work(sink: SinkConfig): Promise<void> {
    for (;;) {
      const letter = nextLetter(box.current(), sink.name, clock.now());
      if (letter === null) return;
      const sent = await deliver(letter, sink, deps);
      if (sent.kind !== 'taken') log.warn('webhook not delivered', { sink: sink.name, ...sent });
      const jitter = deps.random.next();
      await box.update((state) => settled(state, letter, sent, clock.now(), jitter));
    }
  }

  function beat(sink: SinkConfig): void {
    const last = beats.get(sink.name);
    if (last !== undefined && clock.monotonic() - last < sink.everySeconds) return;
    beats.set(sink.name, clock.monotonic());
    void signOfLife(sink, deps);
  }

  return {
    look(sink) {
      if (sink.preset === 'healthchecks') return beat(sink);
      if (busy.has(sink.name)) return;
      busy.add(sink.name);
      work(sink)
        .catch((cause: unknown) =>
          log.error('webhook outbox failed', { sink: sink.name, error: describeError(cause) }),
        )
        .finally(() => busy.delete(sink.name));
    },
  };
}

function contextOf({ host, clock, random }: OutboundDeps): Parameters<typeof outboundMessage>[1] {
  return { host, now: clock.now(), newId: () => random.hex(16) };
}

/** On disk and on the wire only plain data without secrets. */
function inertMessage(message: OutboundMessage, redact: Redact): OutboundMessage {
  const { incident } = message;
  return {
    ...message,
    text: redact(message.text),
    incident:
      incident === null
        ? null
        : { ...incident, title: redact(incident.title), summary: redact(incident.summary) },
    data: toPlain(message.data, redact) satisfies Plain,
  };
}

function lettersFor(sink: SinkConfig, message: OutboundMessage, clock: Clock): readonly Letter[] {
  const recipients: readonly (string | null)[] = sink.preset === 'sms' ? (sink.to ?? []) : [null];
  return recipients.map((recipient) => ({
    sink: sink.name,
    recipient,
    message,
    attempts: 0,
    notBefore: clock.now(),
    lastError: '',
  }));
}

function letterView({ sink, message, attempts, lastError }: Letter): LetterView {
  return { id: message.id, sink, type: message.type, at: message.at, attempts, lastError };
}
